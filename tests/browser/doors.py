"""Pages of logging in and of one's own account: single sign-on, second factor, sessions, tokens."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page

from tests.browser.people import log_in
from tests.browser.scenery import Scenery, Visit

SETTINGS = {
    "OIDC_ISSUER_URL": "https://login.keyexample.com",
    "OIDC_CLIENT_ID": "countersign",
    "OIDC_CLIENT_SECRET": "a secret of tests",
    "OIDC_NAME": "Example directory",
    "SECOND_FACTOR": "true",
}
"""What the product must be told so that it has all of these pages; nobody asks the issuer anything."""

PERSON = "auditor"


class Doors:
    """One person goes through all of them in order, and leaves everything as it was."""

    def __init__(self, scenery: Scenery) -> None:
        self.credentials = scenery.credentials(PERSON)
        self.spare_code = ""

    def visits(self) -> Iterator[Visit]:
        yield Visit("sso-refused", "", "/login/sso/callback?error=access_denied")
        yield Visit("account-token-made", PERSON, "/account/tokens/new", _make_token)
        yield Visit("account-token-end", PERSON, "/account", _ask_to_end_the_token)
        yield Visit("account-sessions", PERSON, "/account", self._log_in_elsewhere)
        yield Visit("second-factor", PERSON, "/account/second-factor")
        yield Visit("recovery-codes", PERSON, "/account/second-factor", self._add_second_factor)
        yield Visit("second-factor-added", PERSON, "/account/second-factor")
        yield Visit("login-code", "", "/login", self._give_password)
        yield Visit("second-factor-ended", PERSON, "/account/second-factor", self._end_second_factor)
        yield Visit("held-form", "", "/login", self._send_too_late)
        yield Visit("api-docs", "admin", "/api/docs")
        yield Visit("api-docs-called", "admin", "/api/docs/status", _call_an_operation)
        yield Visit("api-docs-many", "admin", "/api/docs/workflow-instances#PostWorkflowInstancesStop")

    def _log_in_elsewhere(self, page: Page) -> None:
        """So that there is another session to end."""
        other = page.context.browser.new_page(base_url=page.url)  # type: ignore[union-attr]
        log_in(other, *self.credentials)
        other.close()
        page.reload()

    def _add_second_factor(self, page: Page) -> None:
        secret = page.locator("[data-copy]").get_attribute("data-copy") or ""
        app = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
        page.get_by_label("Code").fill(app.generate(int(time.time())).decode())
        page.get_by_role("button", name="Ask for codes").click()
        page.get_by_role("heading", level=1, name="recovery codes").wait_for()
        self.spare_code = page.locator("[data-copy]").first.get_attribute("data-copy") or ""

    def _end_second_factor(self, page: Page) -> None:
        page.get_by_label("Code").fill(self.spare_code)
        page.get_by_role("button", name="Ask for no more codes").click()
        page.wait_for_url("**/account")

    def _give_password(self, page: Page) -> None:
        _fill_log_in(page, *self.credentials)
        page.get_by_label("Code").wait_for()

    def _send_too_late(self, page: Page) -> None:
        _fill_log_in(page, *self.credentials)
        page.goto("/account/tokens/new")
        page.get_by_label("Name").fill("nightly job")
        page.context.clear_cookies(name="sessionid")
        page.get_by_role("button", name="Make the token").click()
        _fill_log_in(page, *self.credentials)
        page.get_by_role("button", name="Send it now").wait_for()


def _fill_log_in(page: Page, username: str, password: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_load_state()


def _make_token(page: Page) -> None:
    page.get_by_label("Name").fill("nightly job")
    page.get_by_role("button", name="Make the token").click()
    page.locator("[data-copy]").wait_for()


def _ask_to_end_the_token(page: Page) -> None:
    page.get_by_role("link", name="End nightly job").first.click()
    page.locator("dialog[open] h1").wait_for()


def _call_an_operation(page: Page) -> None:
    page.locator("details.call summary").first.click()
    form = page.locator("details.call[open] form")
    form.get_by_role("button", name="Call").click()
    form.get_by_role("status").filter(has_text="200").wait_for()
