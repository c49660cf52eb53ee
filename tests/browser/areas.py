"""Pages of definitions, administration and one's own account, for pictures and for checks."""

from __future__ import annotations

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
    yield from _security(first("Security/Roles", SortField="Name")["Id"])
    template = first("Templates")["Id"]
    yield Visit("templates", "admin", "/administration/templates")
    yield Visit("template", "admin", f"/administration/templates/{template}")
    yield Visit("template-edit", "admin", f"/administration/templates/{template}/edit")
    yield Visit("authorities", "admin", "/administration/authorities")
    yield Visit("authority", "admin", "/administration/authorities/1")
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


def _open_first_row(page: Page) -> None:
    page.locator("a.lead").first.click()
    page.wait_for_url("**/administration/audit/*")


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    page.locator(".error").first.wait_for()
