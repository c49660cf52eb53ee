"""Several instances at once: ticked by mouse and by keys, confirmed in the dialog, also without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import PHONE, Entrance
from tests.browser.scenery import Scenery

LIST = "/workflow/instances?sort=ReferenceId"


@pytest.fixture
def page(entrance: Entrance, scenery: Scenery) -> Page:  # type: ignore[override]
    """The operator in front of the list of instances."""
    page = entrance.enter(*scenery.credentials("operator"))
    page.goto(LIST)
    return page


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


def box(page: Page, title: str) -> Locator:
    return row(page, title).get_by_role("checkbox").first


def test_the_toolbar_offers_what_one_of_them_allows(page: Page) -> None:
    tools = page.get_by_role("form", name="Actions on ticked instances")
    for name in ("View", "Stop", "Delete"):
        expect(tools.get_by_role("button", name=name, exact=True)).to_be_disabled()
    box(page, "Nightly builds").check()
    expect(tools.get_by_role("button", name="View", exact=True)).to_be_enabled()
    expect(tools.get_by_role("button", name="Stop")).to_be_enabled()
    expect(tools.get_by_role("button", name="Delete")).to_be_disabled()
    box(page, "Driver team").check()
    expect(tools.get_by_role("button", name="View", exact=True)).to_be_disabled()
    expect(tools.get_by_role("button", name="Delete")).to_be_enabled()
    expect(tools.get_by_role("status")).to_have_text("2 ticked")


def test_all_of_the_page_and_a_range_by_shift(page: Page) -> None:
    boxes = page.locator("input[name=instance]")
    every = page.get_by_label("All on this page")
    every.check()
    expect(page.locator("input[name=instance]:checked")).to_have_count(boxes.count())
    boxes.first.uncheck()
    assert every.evaluate("box => box.indeterminate")
    every.uncheck() if every.is_checked() else every.click()
    page.reload()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("input[name=instance]:checked")).to_have_count(4)


def test_by_keys_alone_to_the_dialog_and_back(page: Page) -> None:
    for title in ("Nightly builds", "Release builds", "Driver team"):
        box(page, title).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Stop").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Stop 2 instances?")).to_be_visible()
    expect(dialog.get_by_text("1 cannot be stopped and is left alone")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row(page, "Nightly builds").get_by_text("Suspended")).to_be_visible()


def test_one_ticked_row_is_viewed_in_the_dialog(page: Page) -> None:
    box(page, "Nightly builds").check()
    page.get_by_role("button", name="View", exact=True).first.click()
    expect(page.get_by_role("dialog").get_by_text("Instance Review")).to_be_visible()


def test_a_search_and_columns_are_kept(page: Page) -> None:
    page.get_by_label("Value", exact=True).fill("builds")
    page.get_by_role("button", name="Search", exact=True).first.click()
    page.get_by_role("button", name="Saved searches").click()
    page.get_by_label("Save what is shown now as").fill("Builds")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Started by", exact=True).check()
    page.get_by_role("button", name="Show these").click()
    page.goto("/workflow/instances")
    expect(page.get_by_role("columnheader", name="Started by")).to_be_visible()
    page.get_by_role("link", name="Builds", exact=True).click()
    expect(row(page, "Nightly builds")).to_be_visible()
    expect(row(page, "Driver team")).to_have_count(0)
    page.get_by_role("button", name="Saved searches").click()
    page.get_by_role("link", name="Rename or delete Builds").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="Builds", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="The usual ones").click()
    expect(page.get_by_role("columnheader", name="Started by")).to_have_count(0)


def test_without_scripts_on_a_phone(entrance: Entrance, scenery: Scenery) -> None:
    page = entrance.enter(*scenery.credentials("operator"), size=PHONE, javascript=False)
    page.goto(f"{LIST}&value=builds")
    page.get_by_role("button", name="Columns").click()
    for name in ("Show these", "The usual ones"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Tick all on this page").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("heading", name="Confirm Operation")).to_be_visible()
    expect(page.get_by_text("Stop 2 instances?")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Value", exact=True)).to_have_value("builds")
