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


def test_numbers_follow_and_a_deleted_row_offers_nothing(entrance: Entrance, scenery: Scenery) -> None:
    title = "Soon deleted"
    with scenery.product.client(*scenery.credentials("requester")) as requester:
        csr = {"Template": "CodeSigning", "CSR": any_request(title)}
        requester.post("/api/Enrollment/CSR", json=csr).raise_for_status()
    approver = in_front_of(entrance, scenery, "approver1", "/workflow/my?tab=decided")
    operator = in_front_of(
        entrance, scenery, "operator", f"/workflow/instances?value={title.replace(' ', '+')}"
    )
    tab = approver.get_by_role("navigation", name="My Workflows").get_by_role("link", name="Assigned to Me")
    entry = approver.get_by_role("navigation", name="Main").get_by_role("link", name="My Workflows")
    waiting = int(tab.locator(".count").inner_text())
    expect(entry).to_have_accessible_name(f"My Workflows {waiting} wait for you")
    suspended = operator.get_by_role("list", name="Filter by status").get_by_role("link", name="Suspended")
    before = int(suspended.locator("strong").inner_text())
    box = operator.locator("input[name=instance]")
    box.check()
    instance = f"/api/Workflow/Instances/{box.input_value()}"
    with scenery.product.client() as somebody:
        somebody.post(f"{instance}/Stop").raise_for_status()

        follow(approver, tab.get_by_text(str(waiting - 1), exact=True))
        expect(entry).to_have_accessible_name(f"My Workflows {waiting - 1} wait for you")
        suspended.focus()
        follow(operator, suspended.get_by_text(str(before - 1), exact=True))
        expect(suspended).to_be_focused()
        link = operator.get_by_role("row").get_by_role("link", name=title)
        link.focus()
        somebody.delete(instance).raise_for_status()

    row = operator.get_by_role("row").filter(has_text=title)
    follow(operator, row.get_by_text("Deleted", exact=True))
    expect(row.get_by_role("checkbox")).to_have_count(0)
    expect(row.get_by_role("button")).to_have_count(0)
    expect(
        operator.get_by_role("form", name="Actions on ticked instances").get_by_role("status")
    ).to_be_empty()
    expect(link).to_be_focused()
    expect(link).to_be_disabled()
    here = operator.url
    operator.keyboard.press("Enter")
    row.dblclick()
    expect(operator.get_by_role("dialog")).to_have_count(0)
    assert operator.url == here
