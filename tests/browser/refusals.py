"""The pages of errors. A healthy product shows all but that of its own faults."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.scenery import Scenery
from tests.browser.visits import Visit

TOO_MUCH = 1_100_000  # characters; MAX_BODY_BYTES allows a mebibyte


def _send_too_much(page: Page, scenery: Scenery) -> None:
    box = page.get_by_label("Certificate signing request")
    box.evaluate("(box, length) => { box.value = 'A'.repeat(length); }", TOO_MUCH)
    page.get_by_role("button", name="Enroll").click()
    page.get_by_text("larger than 1024 kB").wait_for()


def _send_without_token(page: Page, scenery: Scenery) -> None:
    page.get_by_label("Name").fill("nightly job")
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("heading", level=1, name="Please send the form again").wait_for()


VISITS = (
    Visit("error-400", "admin", "/workflow/instances/selected?operation=none&instance=none", status=400),
    Visit("error-403", "stranger", "/workflow/instances", status=403),
    Visit("error-404", "admin", "/nowhere", status=404),
    Visit("error-405", "admin", "/account/second-factor/end", status=405),
    Visit("error-413", "requester", "/enroll/csr", _send_too_much),
    Visit("error-csrf", "admin", "/account/tokens/new", _send_without_token),
)
