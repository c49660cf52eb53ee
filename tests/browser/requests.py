"""Enrolling, and the certificates that came of it."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.openssl import any_request
from tests.browser.scenery import Scenery
from tests.browser.visits import Visit

ONE = "/certificates/{valid}"


def _send_nonsense(page: Page, scenery: Scenery) -> None:
    page.get_by_label("Certificate signing request").fill("-----BEGIN CERTIFICATE-----")
    page.get_by_role("button", name="Enroll").click()
    page.locator(".error").first.wait_for()


def _only_check(page: Page, scenery: Scenery) -> None:
    page.get_by_label("Certificate signing request").fill(any_request("www.keyexample.com"))
    page.get_by_label("Template").select_option("WebServer")
    page.get_by_role("button", name="Only check").click()
    page.get_by_text("What was read from the request").wait_for()


def _enroll(page: Page, scenery: Scenery) -> None:
    page.get_by_label("Common name").fill("shop.keyexample.com")
    page.get_by_role("button", name="Enroll").click()
    page.get_by_role("link", name="Pick up with key").wait_for()


def _go_to_pick_up(page: Page, scenery: Scenery) -> None:
    _enroll(page, scenery)
    page.goto(page.get_by_role("link", name="Pick up with key").get_attribute("href") or "")


def _send_nothing(page: Page, scenery: Scenery) -> None:
    page.get_by_role("button", name="Enroll").click()
    page.locator(".error").first.wait_for()


VISITS = (
    Visit("enroll-csr", "requester", "/enroll/csr"),
    Visit("enroll-csr-refused", "requester", "/enroll/csr", _send_nonsense),
    Visit("enroll-csr-checked", "requester", "/enroll/csr", _only_check),
    Visit("enroll-csr-renews", "requester", "/enroll/csr?renews={valid}"),
    Visit("enroll-pfx", "requester", "/enroll/pfx"),
    Visit("enroll-pfx-renews", "requester", "/enroll/pfx?renews={fetched}"),
    Visit("enroll-pfx-issued", "requester", "/enroll/pfx", _enroll, "enroll_complete"),
    Visit("enroll-pfx-refused", "requester", "/enroll/pfx", _send_nothing),
    Visit("enroll-issued", "requester", "/enroll/{complete}"),
    Visit("enroll-waiting", "requester", "/enroll/{half_signed}"),
    Visit("enroll-denied", "requester", "/enroll/{denied}"),
    Visit("enroll-failed", "requester", "/enroll/{failed}"),
    Visit("enroll-long-title", "requester", "/enroll/{hostile}"),
    Visit("certificates", "operator", "/certificates"),
    Visit("certificates-wrong-query", "operator", "/certificates?query=State+-is+1", status=400),
    Visit("certificate", "admin", ONE),
    Visit("certificate-fetched", "requester", "/certificates/{fetched}"),
    Visit("certificate-revoked", "admin", "/certificates/{revoked}"),
    Visit("pickup", "requester", "/enroll/pfx", _go_to_pick_up, "certificate_pickup"),
    Visit("pickup-refused", "requester", "/certificates/{fetched}/pickup"),
    Visit("revoke", "operator", f"{ONE}/revoke"),
    Visit("revoke-refused", "operator", "/certificates/{revoked}/revoke"),
)
