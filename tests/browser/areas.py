"""Pages of definitions, administration and one's own account, for pictures and for checks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from tests.browser.scenery import Visit
from tests.product import Product


def visits(product: Product) -> Iterator[Visit]:
    """Each page once, as the first administrator; ids come from the API."""

    def first(resource: str, **query: str) -> dict[str, Any]:
        with product.client() as client:
            answer = client.get(f"/api/{resource}", params=query).raise_for_status()
        found: dict[str, Any] = answer.json()[0]
        return found

    yield from _definitions(str(first("Workflow/Definitions", SortField="DisplayName")["Id"]))
    yield from _security(first("Security/Roles", QueryString='Name -ne "Administrator"')["Id"])
    template = first("Templates")["Id"]
    yield Visit("templates", "admin", "/administration/templates")
    yield Visit("template", "admin", f"/administration/templates/{template}")
    yield Visit("template-edit", "admin", f"/administration/templates/{template}/edit")
    yield Visit("authorities", "admin", "/administration/authorities")
    yield Visit("authority", "admin", "/administration/authorities/2")
    yield Visit("authority-publish", "admin", "/administration/authorities/2/publish-crl")
    yield from _scripts(product)
    yield Visit("metadata", "admin", "/administration/metadata")
    yield Visit("metadata-new", "admin", "/administration/metadata/new")
    yield Visit("webhooks", "admin", "/administration/webhooks")
    yield Visit("webhook-new", "admin", "/administration/webhooks/new")
    yield Visit("app-settings", "admin", "/administration/settings")
    yield Visit("audit-log", "admin", "/administration/audit")
    yield Visit("audit-entry", "admin", "/administration/audit", _open_first_row)
    yield Visit("account", "admin", "/account")
    yield Visit("account-password", "admin", "/account/password")
    yield Visit("account-token", "admin", "/account/tokens/new")


def _definitions(guid: str) -> Iterator[Visit]:
    page = f"/workflow/definitions/{guid}"
    yield Visit("definitions", "admin", "/workflow/definitions")
    yield Visit("definitions-new", "admin", "/workflow/definitions/new")
    yield Visit("definitions-form", "admin", "/workflow/definitions/new?type=Enrollment")
    yield Visit("definitions-import", "admin", "/workflow/definitions/import")
    yield Visit("definitions-page", "admin", page)
    yield Visit("definitions-editor", "admin", f"{page}/steps")
    yield Visit("definitions-choose-step", "admin", f"{page}/steps/choose")
    approval = f"{page}/steps/new?type=RequireApproval&place=continue:StartNOOP"
    yield Visit("definitions-step", "admin", approval)
    yield Visit("definitions-step-refused", "admin", approval, _save)
    yield Visit("definitions-settings", "admin", f"{page}/settings")
    yield Visit("definitions-compare", "admin", f"{page}/compare")
    yield Visit("definitions-delete", "admin", f"{page}/delete")


def _security(role: int) -> Iterator[Visit]:
    yield Visit("users", "admin", "/administration/users")
    yield Visit("user-new", "admin", "/administration/users/new")
    yield Visit("user", "admin", "/administration/users/1")
    yield Visit("user-password", "admin", "/administration/users/1/password")
    yield Visit("user-disable", "admin", "/administration/users/1/active")
    yield Visit("roles", "admin", "/administration/roles")
    yield Visit("role", "admin", f"/administration/roles/{role}")
    yield Visit("role-new", "admin", "/administration/roles/new")
    yield Visit("role-edit", "admin", f"/administration/roles/{role}/edit")
    yield Visit("role-stale", "admin", f"/administration/roles/{role}/edit", _save_what_is_stale)
    yield Visit("role-member-unknown", "admin", f"/administration/roles/{role}", _add_nobody)
    yield Visit("role-member-dialog", "admin", f"/administration/roles/{role}", _ask_to_remove)


def _scripts(product: Product) -> Iterator[Visit]:
    page = "/administration/scripts"
    yield Visit("scripts-empty", "admin", f"{page}?value=nothing+of+the+kind")
    text = {
        "Name": "Tell the inventory",
        "Contents": "param($Name)\nreturn @{ Told = $Name }",
        "Categories": [6],
    }
    with product.client() as client:
        client.post("/api/Extensions/Scripts", json=text)  # it is there from the second round on
        script = client.get("/api/Extensions/Scripts").raise_for_status().json()[0]["Id"]
    yield Visit("scripts", "admin", page)
    yield Visit("script", "admin", f"{page}/{script}")
    yield Visit("script-edit", "admin", f"{page}/{script}/edit")
    yield Visit("script-new", "admin", f"{page}/new")


def _open_first_row(page: Page) -> None:
    page.locator("a.lead").first.click()
    page.wait_for_url("**/administration/audit/*")


def _save_what_is_stale(page: Page) -> None:
    """Somebody else describes the role between opening and saving."""
    other = page.context.new_page()
    other.goto(page.url)
    for each, words in ((other, "Sign what servers need"), (page, "Sign certificates of servers")):
        each.get_by_label("Description").fill(f"{words} ({time.strftime('%H:%M:%S')})")
        each.get_by_role("button", name="Save").click()
        each.wait_for_load_state()
    other.close()
    page.get_by_text("How it stands now").wait_for()


def _add_nobody(page: Page) -> None:
    page.get_by_label("Add users").fill("nobody-of-that-name")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".error").first.wait_for()


def _ask_to_remove(page: Page) -> None:
    page.get_by_role("link", name="Remove").first.click()
    page.locator("dialog[open] h1").wait_for()


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    page.locator(".error").first.wait_for()
