"""Pages of logging in and of one's own account: single sign-on, second factor, sessions, tokens."""

from __future__ import annotations

import base64
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page

from tests.browser.people import log_in
from tests.browser.scenery import Scenery
from tests.browser.visits import Visit

SETTINGS = {
    "OIDC_ISSUER_URL": "https://login.keyexample.com",
    "OIDC_CLIENT_ID": "countersign",
    "OIDC_CLIENT_SECRET": "a secret of tests",
    "OIDC_NAME": "Example directory",
    "SECOND_FACTOR": "true",
}
"""What the product must be told so that it has all of these pages; nobody asks the issuer anything."""

PERSON = "auditor"


def _fill_log_in(page: Page, username: str, password: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_load_state()


def _fail_to_log_in(page: Page, scenery: Scenery) -> None:
    _fill_log_in(page, "nobody", "a wrong guess")
    page.get_by_role("alert").wait_for()


def _make_token(page: Page, scenery: Scenery) -> None:
    page.get_by_label("Name").fill("nightly job")
    page.get_by_role("button", name="Make the token").click()
    page.locator("[data-copy]").wait_for()


def _ask_to_end_the_token(page: Page, scenery: Scenery) -> None:
    page.get_by_role("link", name="End nightly job").first.click()
    page.locator("dialog[open] h1").wait_for()


def _call_an_operation(page: Page, scenery: Scenery) -> None:
    page.locator("details.call summary").first.click()
    form = page.locator("details.call[open] form")
    form.get_by_role("button", name="Call").click()
    form.get_by_role("status").filter(has_text="200").wait_for()


def _log_in_elsewhere(page: Page, scenery: Scenery) -> None:
    """So that there is another session to end."""
    other = page.context.browser.new_page(base_url=page.url)  # type: ignore[union-attr]
    log_in(other, *scenery.credentials(PERSON))
    other.close()
    page.reload()


def _add_second_factor(page: Page, scenery: Scenery) -> None:
    secret = page.locator("[data-copy]").get_attribute("data-copy") or ""
    app = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
    page.get_by_label("Code").fill(app.generate(int(time.time())).decode())
    page.get_by_role("button", name="Ask for codes").click()
    page.get_by_role("heading", level=1, name="recovery codes").wait_for()
    scenery.kept = page.locator("[data-copy]").first.get_attribute("data-copy") or ""


def _end_second_factor(page: Page, scenery: Scenery) -> None:
    page.get_by_label("Code").fill(scenery.kept)
    page.get_by_role("button", name="Ask for no more codes").click()
    page.wait_for_url("**/account")


def _give_password(page: Page, scenery: Scenery) -> None:
    _fill_log_in(page, *scenery.credentials(PERSON))
    page.get_by_label("Code").wait_for()


def _let_the_session_end(page: Page, scenery: Scenery) -> None:
    """With a form open."""
    _fill_log_in(page, *scenery.credentials(PERSON))
    page.goto("/account/tokens/new")
    page.get_by_label("Name").fill("nightly job")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_label("User name").wait_for()


def _take_the_form_along(page: Page, scenery: Scenery) -> None:
    _let_the_session_end(page, scenery)
    page.get_by_role("button", name="Log in with Example directory").click()
    page.get_by_role("heading", level=1, name="What you typed is kept").wait_for()


def _send_too_late(page: Page, scenery: Scenery) -> None:
    _let_the_session_end(page, scenery)
    _fill_log_in(page, *scenery.credentials(PERSON))
    page.get_by_role("button", name="Send it now").wait_for()


ACCOUNT, FACTOR = "/account", "/account/second-factor"
# One person goes through all of them in order, and leaves everything as it was.
VISITS = (
    Visit("login", "", "/login"),
    Visit("login-refused", "", "/login", _fail_to_log_in),
    Visit("sso-refused", "", "/login/sso/callback?error=access_denied", status=401),
    Visit("account", "admin", ACCOUNT),
    Visit("account-password", "admin", "/account/password"),
    Visit("account-token", "admin", "/account/tokens/new"),
    Visit("account-token-made", PERSON, "/account/tokens/new", _make_token),
    Visit("account-token-end-dialog", PERSON, ACCOUNT, _ask_to_end_the_token, "account_token_end"),
    Visit("account-sessions", PERSON, ACCOUNT, _log_in_elsewhere),
    Visit("second-factor", PERSON, FACTOR),
    Visit("recovery-codes", PERSON, FACTOR, _add_second_factor),
    Visit("second-factor-added", PERSON, FACTOR),
    Visit("login-code", "", "/login", _give_password, "login_code"),
    Visit("second-factor-ended", PERSON, FACTOR, _end_second_factor, "account_second_factor_end"),
    Visit("login-with-form", "", "/login", _let_the_session_end),
    Visit("sso-with-form", "", "/login", _take_the_form_along, "sso_start"),
    Visit("held-form", "", "/login", _send_too_late),
    Visit("api-docs", "admin", "/api/docs"),
    Visit("api-docs-called", "admin", "/api/docs/status", _call_an_operation),
    Visit("api-docs-many", "admin", "/api/docs/workflow-instances#PostWorkflowInstancesStop"),
)
