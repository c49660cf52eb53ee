"""Single sign-on and a second factor in a real browser: the whole product beside a real issuer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx2
import pytest
from allauth.mfa.totp.internal import auth as totp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.chromium import find_chromium
from tests.issuer import knows, running_issuer
from tests.product import Product, running_product


@pytest.fixture(scope="module")
def issuer_url() -> Iterator[str]:
    with running_issuer() as url:
        yield url


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, issuer_url: str) -> Iterator[Product]:
    settings = {
        "OIDC_ISSUER_URL": issuer_url,
        "OIDC_CLIENT_ID": "countersign",
        "OIDC_CLIENT_SECRET": "a secret of tests",
        "OIDC_NAME": "Example directory",
        "SECOND_FACTOR": "true",
    }
    with running_product(tmp_path_factory.mktemp("sso") / "data", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, product: Product) -> Iterator[Page]:
    """A fresh browser in which no page of ours may complain; the issuer's pages are not our concern."""
    context = chromium.new_context(base_url=product.url)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(f"{message.location['url']}: {message.text}"))
    page.on("pageerror", lambda error: troubles.append(f"{product.url}: {error}"))
    yield page
    context.close()
    assert [trouble for trouble in troubles if trouble.startswith(product.url)] == []


def is_accessible(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []


def code_now(secret: str, later: int = 0) -> str:
    """The code of this half minute, or of the next one, which is accepted too."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later))


def test_the_issuer_opens_the_portal(page: Page, product: Product, issuer_url: str) -> None:
    subject = knows(issuer_url, {"sub": "first", "preferred_username": product.username})
    page.goto("/login?next=/certificates")
    is_accessible(page)
    page.get_by_role("link", name="Log in with Example directory").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").first.click()
    page.wait_for_url(f"{product.url}/certificates")
    is_accessible(page)


def test_a_second_factor_is_added_and_asked_for(page: Page, product: Product) -> None:
    give_password(page, product)
    page.get_by_role("link", name="Second factor").click()
    expect(page.get_by_label("Code")).to_be_visible()
    is_accessible(page)
    secret = page.locator("[data-copy]").get_attribute("data-copy") or ""
    page.get_by_label("Code").fill(code_now(secret))
    page.get_by_role("button", name="Ask for codes from now on").click()
    expect(page.locator("[data-copy]")).to_have_count(10)
    is_accessible(page)
    page.context.clear_cookies()
    give_password(page, product)
    expect(page).to_have_title(re.compile("^One more code"))
    is_accessible(page)
    page.get_by_label("Code").fill(code_now(secret, 1))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{product.url}/account")
    with product.client() as client:
        refused: httpx2.Response = client.get("/api/Workflow/Instances")
        assert (refused.status_code, "API token" in refused.text) == (401, True)


def give_password(page: Page, product: Product) -> None:
    page.goto("/login?next=/account")
    page.get_by_label("User name").fill(product.username)
    page.get_by_label("Password").fill(product.password)
    page.get_by_role("button", name="Log in", exact=True).click()
