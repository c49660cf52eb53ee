"""What pages gain with JavaScript: menus, dialogs, keys, the theme, pages that follow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.openssl import any_request
from tests.browser.people import Entrance
from tests.browser.scenery import Scenery


@pytest.fixture
def page(entrance: Entrance, scenery: Scenery) -> Page:  # type: ignore[override]
    """The operator in front of the list of instances."""
    page = entrance.enter(*scenery.credentials("operator"))
    page.goto("/workflow/instances")
    return page


def test_arrows_move_through_the_rows_and_enter_opens(page: Page) -> None:
    links = page.locator("a[data-row]")
    links.first.focus()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(links.last).to_be_focused()
    page.keyboard.press("Home")
    title = links.first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("heading", level=1)).to_have_text(title)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(links.first).to_be_focused()


def test_a_double_click_opens_the_review_and_close_closes_it(page: Page) -> None:
    page.get_by_role("row").nth(2).get_by_role("cell").nth(3).dblclick()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Instance Review")).to_be_visible()
    expect(dialog.get_by_text("Current Data")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_right_button_shows_the_menu_of_the_row(page: Page) -> None:
    row = page.get_by_role("row").filter(has_text="Nightly builds")
    row.get_by_role("cell").nth(2).click(button="right")
    for name in ("View", "View Definition", "Stop", "Restart"):
        expect(row.get_by_role("link", name=name, exact=True)).to_be_visible()
    row.get_by_role("link", name="Stop", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Confirm Operation")).to_be_visible()
    dialog.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row.get_by_text("Suspended")).to_be_visible()


def test_the_theme_is_kept(page: Page) -> None:
    page.get_by_role("button", name="Account of").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/workflow/my")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_page_that_follows_ends_at_the_log_in_when_the_session_does(
    page: Page,
) -> None:
    page.goto(page.locator("a[data-row]", has_text="Nightly builds").get_attribute("href") or "")
    page.context.clear_cookies(name="sessionid")
    page.wait_for_url("**/login?next=*", timeout=15_000)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_lists_write_anew_what_has_changed(entrance: Entrance, scenery: Scenery) -> None:
    """One of its own, which no other test wants to find waiting."""
    with scenery.product.client(*scenery.credentials("requester")) as requester:
        csr = {"Template": "CodeSigning", "CSR": any_request("Spare pages")}
        requester.post("/api/Enrollment/CSR", json=csr).raise_for_status()
    pages = []
    for person, path in (("operator", "/workflow/instances"), ("requester", "/workflow/my?tab=created")):
        page = entrance.enter(*scenery.credentials(person))
        page.clock.install()
        page.goto(path)
        pages.append(page)
        expect(row_of(page, "Spare pages")).to_contain_text("Suspended")
    operator = entrance.enter(*scenery.credentials("operator"))
    operator.goto(row_of(pages[0], "Spare pages").get_by_role("link").first.get_attribute("href") or "")
    operator.get_by_role("link", name="Stop", exact=True).click()
    operator.get_by_role("button", name="OK, stop it").click()
    for page in pages:
        page.clock.fast_forward(10_000)  # a list asks every ten seconds
        expect(row_of(page, "Spare pages")).to_contain_text("Rejected", timeout=30_000)
    expect(row_of(pages[1], "Spare pages")).to_contain_text("Stopped by")


def test_a_filter_offers_what_fits_its_field(page: Page) -> None:
    page.get_by_label("Field", exact=True).select_option("StartDate")
    comparison = page.get_by_label("Comparison", exact=True)
    expect(comparison).to_have_value("-eq")
    expect(comparison.locator("option[value='-contains']")).to_be_disabled()
    comparison.select_option("-null")
    expect(page.get_by_label("Value", exact=True)).to_be_hidden()


def row_of(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


def test_a_file_is_read_into_the_form(entrance: Entrance, scenery: Scenery) -> None:
    page = entrance.enter(*scenery.credentials("requester"))
    page.goto("/enroll/csr")
    text = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
    file = {"name": "www.csr", "mimeType": "text/plain", "buffer": text.encode()}
    page.get_by_label("Or a file with the request").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_label("Certificate signing request")).to_have_value(text)


@pytest.fixture
def questions(entrance: Entrance, scenery: Scenery) -> Iterator[None]:
    """The template CodeSigning asks more than the others."""
    page = entrance.enter(*scenery.credentials("admin"))
    _ask(page, "Ticket\nZone: inner, outer")
    yield
    _ask(page, "")


def _ask(page: Page, questions: str) -> None:
    page.goto("/administration/templates")
    page.get_by_role("link", name="Code signing").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Further questions").fill(questions)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()


@pytest.mark.usefixtures("questions")
@pytest.mark.parametrize("javascript", [True, False])
def test_another_template_brings_its_questions_and_leaves_what_was_typed(
    entrance: Entrance, scenery: Scenery, javascript: bool
) -> None:
    page = entrance.enter(*scenery.credentials("requester"), javascript=javascript)
    page.goto("/enroll/csr?template=WebServer")
    page.get_by_text("Subject alternative names").click()
    page.get_by_label("DNS names").fill("kept.keyexample.com")
    _choose(page, "CodeSigning", javascript=javascript)
    expect(page.get_by_label("Zone")).to_be_visible()
    if javascript:
        expect(page.get_by_label("Template")).to_be_focused()
    expect(page.get_by_label("DNS names")).to_have_value("kept.keyexample.com")
    _choose(page, "WebServer", javascript=javascript)
    expect(page.get_by_label("Zone")).to_have_count(0)


def test_a_verdict_goes_with_the_template_that_it_was_about(entrance: Entrance, scenery: Scenery) -> None:
    page = entrance.enter(*scenery.credentials("requester"))
    page.goto("/enroll/csr?template=WebServer")
    page.get_by_label("Certificate signing request").fill(any_request("www.keyexample.com"))
    page.get_by_role("button", name="Only check").click()
    page.get_by_text("What was read from the request").wait_for()
    verdict = page.locator("#verdict").get_by_role("paragraph")
    expect(verdict).to_be_visible()
    _choose(page, "CodeSigning", javascript=True)
    expect(verdict).to_have_count(0)
    expect(page.get_by_text("What pkilint found")).to_have_count(0)
    expect(page.get_by_text("What was read from the request")).to_be_visible()


def _choose(page: Page, template: str, *, javascript: bool) -> None:
    page.get_by_label("Template").focus()
    page.get_by_label("Template").select_option(template)
    if not javascript:
        page.get_by_role("button", name="Use this template").click()


def test_a_file_that_is_given_out_is_said_so_and_the_page_goes_on(
    entrance: Entrance, scenery: Scenery
) -> None:
    page = entrance.enter(*scenery.credentials("requester"))
    page.goto("/enroll/pfx")
    page.get_by_label("Common name").fill("given.keyexample.com")
    page.get_by_role("button", name="Enroll").click()
    page.get_by_role("link", name="Pick up with key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password of the file").fill("a password of the file")
    dialog.get_by_label("The same once more").fill("another one")
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_text("The two passwords differ.")).to_be_visible()
    for label in ("Password of the file", "The same once more"):
        dialog.get_by_label(label).fill("a password of the file")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "given.keyexample.com.pfx"
    expect(dialog.get_by_text("The file was given out")).to_be_visible()
    dialog.get_by_role("link", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Pick up with key")).to_have_count(0)
