"""Administration: people, roles, templates, authorities and everything else that is set up once."""

from __future__ import annotations

import time

from playwright.sync_api import Page

from tests.browser.scenery import Scenery
from tests.browser.visits import Visit

TOP = "/administration"
USER, ROLE, HOOK = f"{TOP}/users/{{user}}", f"{TOP}/roles/{{role}}", f"{TOP}/webhooks/{{hook}}"
SCRIPT, FIELD = f"{TOP}/scripts/{{script}}", f"{TOP}/metadata/{{field}}"
TEMPLATE, AUTHORITY = f"{TOP}/templates/{{template}}", f"{TOP}/authorities/2"
RESTARTS = "field=Operation&comparison=-eq&value=Restarted&sort=Id"  # the new instance's entry is the first


def _open_first_row(page: Page, scenery: Scenery) -> None:
    page.locator("a.lead").first.click()
    page.wait_for_url("**/administration/audit/*")


def _save_what_is_stale(page: Page, scenery: Scenery) -> None:
    """Somebody else describes the role between opening and saving."""
    other = page.context.new_page()
    other.goto(page.url)
    for each, words in ((other, "Sign what servers need"), (page, "Sign certificates of servers")):
        each.get_by_label("Description").fill(f"{words} ({time.strftime('%H:%M:%S')})")
        each.get_by_role("button", name="Save").click()
        each.wait_for_load_state()
    other.close()
    page.get_by_text("How it stands now").wait_for()


def _add_nobody(page: Page, scenery: Scenery) -> None:
    page.get_by_label("Add users").fill("nobody-of-that-name")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".error").first.wait_for()


def _ask_to_remove(page: Page, scenery: Scenery) -> None:
    page.get_by_role("link", name="Remove").first.click()
    page.locator("dialog[open] h1").wait_for()


def _save(page: Page, scenery: Scenery) -> None:
    page.get_by_role("button", name="Save").click()
    page.locator(".error").first.wait_for()


def _disable_what_is_disabled(page: Page, scenery: Scenery) -> None:
    """Somebody else has done so while the question was open, and undoes it afterwards."""
    with scenery.product.client() as somebody:
        status = f"/api/Security/Users/{scenery.places['user']}/Status"
        somebody.put(status, json=False).raise_for_status()
        page.get_by_role("button", name="Disable").click()
        page.get_by_text("Somebody has done so already").wait_for()
        somebody.put(status, json=True).raise_for_status()


def _wrong_queries(*lists: str) -> tuple[Visit, ...]:
    return tuple(
        Visit(f"{name}-wrong-query", "admin", f"{TOP}/{name}?query=Name+-is+1", status=400) for name in lists
    )


VISITS = (
    Visit("users", "admin", f"{TOP}/users"),
    Visit("user-new", "admin", f"{TOP}/users/new"),
    Visit("user", "admin", USER),
    Visit("user-admin", "admin", f"{TOP}/users/1"),
    Visit("user-edit", "admin", f"{USER}/edit"),
    Visit("user-password", "admin", f"{USER}/password"),
    Visit("user-disable", "admin", f"{USER}/active"),
    Visit("user-disable-stale", "admin", f"{USER}/active", _disable_what_is_disabled),
    Visit("user-token", "admin", f"{USER}/tokens/new"),
    Visit("user-token-end", "admin", f"{USER}/tokens/{{token}}/end"),
    Visit("roles", "admin", f"{TOP}/roles"),
    Visit("role", "admin", ROLE),
    Visit("role-new", "admin", f"{TOP}/roles/new"),
    Visit("role-edit", "admin", f"{ROLE}/edit"),
    Visit("role-stale", "admin", f"{ROLE}/edit", _save_what_is_stale),
    Visit("role-delete", "admin", f"{ROLE}/delete"),
    Visit("role-member-unknown", "admin", ROLE, _add_nobody, "role_members_add"),
    Visit("role-member-dialog", "admin", ROLE, _ask_to_remove, "role_member_remove"),
    Visit("templates", "admin", f"{TOP}/templates"),
    Visit("template", "admin", TEMPLATE),
    Visit("template-edit", "admin", f"{TEMPLATE}/edit"),
    Visit("authorities", "admin", f"{TOP}/authorities"),
    Visit("authority", "admin", AUTHORITY),
    Visit("authority-publish", "admin", f"{AUTHORITY}/publish-crl"),
    Visit("scripts", "admin", f"{TOP}/scripts"),
    Visit("scripts-empty", "admin", f"{TOP}/scripts?value=nothing+of+the+kind"),
    Visit("script", "admin", SCRIPT),
    Visit("script-edit", "admin", f"{SCRIPT}/edit"),
    Visit("script-new", "admin", f"{TOP}/scripts/new"),
    Visit("script-delete", "admin", f"{SCRIPT}/delete"),
    Visit("metadata", "admin", f"{TOP}/metadata"),
    Visit("metadata-new", "admin", f"{TOP}/metadata/new"),
    Visit("metadata-refused", "admin", f"{TOP}/metadata/new", _save),
    Visit("metadata-field", "admin", FIELD),
    Visit("metadata-field-delete", "admin", f"{FIELD}/delete"),
    Visit("webhooks", "admin", f"{TOP}/webhooks"),
    Visit("webhook-new", "admin", f"{TOP}/webhooks/new"),
    Visit("webhook", "admin", HOOK),
    Visit("webhook-edit", "admin", f"{HOOK}/edit"),
    Visit("webhook-delete", "admin", f"{HOOK}/delete"),
    Visit("app-settings", "admin", f"{TOP}/settings"),
    Visit("audit-log", "admin", f"{TOP}/audit"),
    Visit("audit-entry", "admin", f"{TOP}/audit", _open_first_row, "audit_entry"),
    Visit("audit-restart", "admin", f"{TOP}/audit?{RESTARTS}", _open_first_row, "audit_entry"),
    *_wrong_queries("users", "roles", "templates", "scripts", "audit"),
)
