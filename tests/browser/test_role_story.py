"""An administrator makes a role through the pages; who gets it sees what it opens and nothing else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Entrance
from tests.functional.cast import PASSWORD, Cast

PENDING = "/workflows/instances/read/pending/"


def make_role(page: Page, name: str) -> None:
    page.get_by_role("link", name="Roles").first.click()
    page.get_by_role("link", name="New role").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Description").fill("May sign what waits for it")
    page.get_by_label(PENDING).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="The role is made")).to_be_visible()


def add_member(page: Page, account: str) -> None:
    page.get_by_label("Add users").fill(account)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="1 member added.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "plain"])
def test_who_may_only_sign_sees_exactly_one_tab(cast: Cast, entrance: Entrance, javascript: bool) -> None:
    cast.person("carl")
    admin = entrance.enter(cast.product.username, cast.product.password, javascript=javascript)
    make_role(admin, f"Signers {cast.tag}")
    add_member(admin, cast.account("carl"))
    page = entrance.enter(cast.account("carl"), PASSWORD, javascript=javascript)
    places = page.get_by_role("navigation", name="Main").get_by_role("link")
    expect(places).to_have_text(["Dashboard", "My Workflows"])
    places.last.click()
    tabs = page.get_by_role("navigation", name="My Workflows").get_by_role("link")
    expect(tabs).to_have_text(["Assigned to Me"])
    assert page.goto("/workflow/instances").status == 403  # type: ignore[union-attr]
