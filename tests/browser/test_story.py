"""From a CSR to a certificate that OpenSSL verifies, and every other end a request can come to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.openssl import make_request, openssl
from tests.browser.people import PHONE, WIDE, Entrance
from tests.functional.cast import PASSWORD, Cast, approval, from_start_to_end


@dataclass
class Story:
    """The people of one story and the key that is to be certified."""

    cast: Cast
    entrance: Entrance
    folder: Path
    javascript: bool

    def enter(self, name: str, size: ViewportSize = WIDE) -> Page:
        account = self.cast.account(name)
        return self.entrance.enter(account, PASSWORD, size=size, javascript=self.javascript)

    @property
    def common_name(self) -> str:
        return f"www-{self.cast.tag}.keyexample.com"


@contextmanager
def told(cast: Cast, entrance: Entrance, folder: Path, *, javascript: bool, template: str) -> Iterator[Story]:
    """A requester, two approvers, an operator, and a definition of the template that needs two approvals."""
    cast.person("requester", "/certificates/enrollment/", "/workflows/instances/read/mine/")
    cast.person("ann", "/workflows/instances/read/pending/")
    cast.person("ben", "/workflows/instances/read/pending/")
    cast.person("operator", "/workflows/", "/certificates/collections/read/")
    steps = from_start_to_end(approval(cast.role("approvers", "ann", "ben"), 2))
    with cast.definition("Enrollment", template, steps):
        yield Story(cast, entrance, folder, javascript)


@pytest.fixture(params=[True, False], ids=["scripted", "plain"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Everything once with JavaScript and once without."""
    return bool(request.param)


@pytest.fixture
def story(cast: Cast, entrance: Entrance, tmp_path: Path, javascript: bool) -> Iterator[Story]:
    """The requester has a key and a CSR of his own."""
    with told(cast, entrance, tmp_path, javascript=javascript, template="WebServer") as story:
        yield story


@pytest.fixture
def story_of_a_key(cast: Cast, entrance: Entrance, tmp_path: Path, javascript: bool) -> Iterator[Story]:
    """The key is made here."""
    with told(cast, entrance, tmp_path, javascript=javascript, template="WebServerPfx") as story:
        yield story


def request_certificate(story: Story) -> Page:
    """The requester pastes a CSR and sends it; returns the page that follows it."""
    page = story.enter("requester")
    page.get_by_role("link", name="Enroll by CSR", exact=True).first.click()
    page.get_by_label("Certificate signing request").fill(make_request(story.folder, story.common_name))
    page.get_by_label("Template").select_option("WebServer")
    page.get_by_role("button", name="Enroll").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request is on its way")
    return page


def decide(story: Story, name: str, verdict: str, comment: str, size: ViewportSize = WIDE) -> None:
    """An approver finds the request in My Workflows and signs it or not."""
    page = story.enter(name, size)
    if size == PHONE and story.javascript:
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("link", name="My Workflows").click()
    else:
        page.goto("/workflow/my")
    page.get_by_role("listitem").filter(has_text=story.common_name).get_by_role("link", name="Review").click()
    expect(page.locator(".subject")).to_contain_text(story.common_name)
    page.get_by_label("Comment").fill(comment)
    page.get_by_role("button", name=verdict).click()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.get_by_text(story.common_name)).to_have_count(0)


def refreshed(story: Story, page: Page, heading: str) -> None:
    """With JavaScript the page follows by itself."""
    title = page.get_by_role("heading", level=1)
    tries = 0 if story.javascript else 60
    while tries and title.text_content() != heading:
        page.wait_for_timeout(500)
        page.reload()
        tries -= 1
    expect(title).to_have_text(heading, timeout=30_000)


def test_two_approve_and_openssl_verifies(story: Story) -> None:
    page = request_certificate(story)
    decide(story, "ann", "Approve", "Checked with the team.")
    decide(story, "ben", "Approve", "Fine.", PHONE)
    refreshed(story, page, "The certificate is issued")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="PEM with chain").click()
    chain = Path(downloading.value.path()).read_text()
    leaf, issuing, root = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\n", chain, re.DOTALL)
    for name, pem in (("leaf", leaf), ("issuing", issuing), ("root", root)):
        (story.folder / f"{name}.pem").write_text(pem)
    options = ["-CAfile", str(story.folder / "root.pem"), "-untrusted", str(story.folder / "issuing.pem")]
    leaf_file = str(story.folder / "leaf.pem")
    assert openssl("verify", *options, leaf_file) == f"{leaf_file}: OK\n"
    public = openssl("x509", "-in", leaf_file, "-noout", "-pubkey")
    assert public == openssl("pkey", "-in", str(story.folder / "key.pem"), "-pubout")


def test_the_operator_stops_restarts_and_deletes(story: Story) -> None:
    request_certificate(story)
    page = story.enter("operator")
    for operation, confirmation, outcome in (
        ("Stop", "OK, stop it", "The instance is stopped."),
        ("Restart", "OK, restart it", "Restarted; "),
        ("Stop", "OK, stop it", "The instance is stopped."),
        ("Delete", "OK, delete it", "The instance is deleted."),
    ):
        page.goto("/workflow/instances")
        row = page.get_by_role("row").filter(has_text=story.common_name).first
        choose(story, page, row.get_by_role("link").first.get_attribute("href") or "", operation)
        expect(page.get_by_role("heading", name="Confirm Operation")).to_be_visible()
        page.get_by_role("button", name=confirmation).click()
        expect(page.get_by_role("status").filter(has_text=outcome)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=story.common_name)).to_have_count(1)


def choose(story: Story, page: Page, path: str, operation: str) -> None:
    """From the menu of the row, or from the page of the instance where no script opens menus."""
    if story.javascript:
        row = page.get_by_role("row").filter(has=page.locator(f'a[href="{path}"]'))
        row.get_by_role("button", name="Actions for").click()
        row.get_by_role("link", name=operation, exact=True).click()
    else:
        page.goto(path)
        page.get_by_role("link", name=operation, exact=True).click()


def request_key(story: Story, page: Page) -> None:
    """From the page with the form to the one that follows the request."""
    page.get_by_label("Common name").fill(story.common_name)
    page.get_by_label("Template").select_option("WebServerPfx")
    page.get_by_text("Subject alternative names").click()
    page.get_by_label("DNS names").fill(story.common_name)
    page.get_by_role("button", name="Enroll").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request is on its way")


def is_told_why(story: Story, page: Page, comment: str) -> None:
    """On the page that follows the request, and as rejected in My Workflows."""
    refreshed(story, page, "No certificate was issued")
    expect(page.get_by_text(comment)).to_be_visible()
    here = page.url
    page.get_by_role("link", name="My Workflows").last.click()
    row = page.get_by_role("row").filter(has_text=story.common_name)
    expect(row.get_by_text("Rejected", exact=True)).to_be_visible()
    page.goto(here)


def pick_up(page: Page, password: str) -> str:
    """The path of the PKCS#12 file."""
    page.get_by_role("link", name="Pick up with key").click()
    page.get_by_label("Password of the file").fill(password)
    page.get_by_label("The same once more").fill(password)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download").click()
    return str(downloading.value.path())


def test_denied_asked_again_signed_twice_and_picked_up(story_of_a_key: Story) -> None:
    story = story_of_a_key
    page = story.enter("requester")
    page.get_by_role("link", name="Enroll by PFX", exact=True).first.click()
    request_key(story, page)
    decide(story, "ann", "Deny", "This team has no such server.", PHONE)
    is_told_why(story, page, "This team has no such server.")
    page.get_by_role("link", name="Enroll another").click()
    request_key(story, page)
    decide(story, "ann", "Approve", "Now it has one.", PHONE)
    decide(story, "ben", "Approve", "Fine.")
    refreshed(story, page, "The certificate is issued")
    file = pick_up(page, "a password of the file")
    opened = openssl("pkcs12", "-in", file, "-passin", "pass:a password of the file", "-nodes")
    assert f"subject=CN = {story.common_name}" in opened or f"subject=CN={story.common_name}" in opened
    assert "-----BEGIN PRIVATE KEY-----" in opened
    assert opened.count("-----BEGIN CERTIFICATE-----") == 3
