"""Rows that change while somebody looks at them: nothing moves away under pointer, tick and focus."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.openssl import any_request
from tests.browser.people import PHONE, Entrance
from tests.browser.scenery import Scenery

TITLE = "Briefly waiting"


def in_front_of(entrance: Entrance, scenery: Scenery, person: str, path: str, **how: object) -> Page:
    page = entrance.enter(*scenery.credentials(person), **how)  # type: ignore[arg-type]
    page.clock.install()
    page.goto(path)
    return page


def follow(page: Page, news: Locator) -> None:
    """Lists ask every ten seconds."""
    for _ in range(40):
        if news.count():
            return
        page.clock.fast_forward(10_000)
        page.wait_for_timeout(250)
    raise AssertionError(page.content())


def test_one_that_is_stopped_keeps_its_place(entrance: Entrance, scenery: Scenery) -> None:
    with scenery.product.client(*scenery.credentials("requester")) as requester:
        csr = {"Template": "CodeSigning", "CSR": any_request(TITLE)}
        requester.post("/api/Enrollment/CSR", json=csr).raise_for_status()
    approver = in_front_of(entrance, scenery, "approver1", f"/workflow/my?value={TITLE}", size=PHONE)
    operator = in_front_of(entrance, scenery, "operator", f"/workflow/instances?value={TITLE}")
    approver.get_by_role("link", name="Review: ").focus()
    box = operator.locator("input[name=instance]")
    box.check()
    operator.get_by_role("button", name="Actions for").click()
    actions = operator.locator(".menu:popover-open").get_by_role("link")
    expect(actions).to_have_text(["View", "View Definition", "Stop", "Restart"])
    with scenery.product.client() as somebody:
        somebody.post(f"/api/Workflow/Instances/{box.input_value()}/Stop").raise_for_status()

    row = approver.get_by_role("listitem").filter(has_text=TITLE)
    follow(approver, row.get_by_text("Stopped by"))
    review = row.get_by_role("button", name="Review")
    expect(review).to_be_focused()
    expect(review).to_have_attribute("aria-disabled", "true")
    expect(row.get_by_role("link")).to_have_count(1)
    expect(approver.get_by_role("status").filter(has_text="No longer waits for you")).to_have_count(1)

    follow(operator, operator.get_by_role("row").get_by_text("Rejected"))
    expect(actions).to_have_text(["View", "View Definition", "Restart", "Delete"])
    expect(box).to_be_checked()
    tools = operator.get_by_role("form", name="Actions on ticked instances")
    expect(tools.get_by_role("button", name="Stop")).to_be_disabled()
    expect(tools.get_by_role("button", name="Delete")).to_be_enabled()
