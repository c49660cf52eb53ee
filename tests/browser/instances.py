"""Workflow → Instances: the list, the review of each kind, what is done with one and with several."""

from __future__ import annotations

import time

from playwright.sync_api import Page

from portal.instance_columns import INSTANCES
from tests.browser.openssl import any_request
from tests.browser.scenery import Scenery
from tests.browser.visits import Visit

LIST, ONE = "/workflow/instances", "/workflow/instances/{%s}"
PURGE = f"{LIST}/purge"
ALL_COLUMNS = "&".join(f"columns={column.name}" for column in INSTANCES.offered)
FACT = "field=Data&fact=Template&comparison=-eq&value=WebServer"
KINDS = ("complete", "denied", "failed", "half_signed", "stopped", "renewing", "revoking", "hostile")


def _open_menu(page: Page, scenery: Scenery) -> None:
    page.get_by_role("button", name="Actions for").first.click()
    page.get_by_role("link", name="View Definition").first.wait_for()


def _open_dialog(page: Page, scenery: Scenery) -> None:
    page.locator("a.lead").first.click()
    page.locator("dialog[open] h1").wait_for()


def _tick_all(page: Page, scenery: Scenery) -> None:
    page.get_by_label("All on this page").check()


def _stop_all(page: Page, scenery: Scenery) -> None:
    _tick_all(page, scenery)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("left alone").wait_for()


def _open_columns(page: Page, scenery: Scenery) -> None:
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Show these").wait_for()


def _open_searches(page: Page, scenery: Scenery) -> None:
    page.get_by_role("button", name="Saved searches").click()
    page.get_by_label("Save what is shown now as").wait_for()


def _rename_a_search(page: Page, scenery: Scenery) -> None:
    _open_searches(page, scenery)
    page.get_by_label("Save what is shown now as").fill(f"Waiting at {time.strftime('%H:%M:%S')}")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved as").wait_for()
    _open_searches(page, scenery)
    page.get_by_role("link", name="Rename or delete").first.click()
    page.locator("dialog[open] h1").wait_for()


def _stop_what_is_stopped(page: Page, scenery: Scenery) -> None:
    """Two that nobody else needs; one of them somebody stops while the question is open."""
    with scenery.product.client(*scenery.credentials("requester")) as requester:
        csr = {"Template": "CodeSigning", "CSR": any_request("Spare builds")}
        for _ in range(2):
            requester.post("/api/Enrollment/CSR", json=csr).raise_for_status()
    page.goto(f"{LIST}?query=Status+-eq+%22Suspended%22+AND+Title+-contains+%22Spare%22")
    _stop_all_but_one(page, scenery)


def _stop_all_but_one(page: Page, scenery: Scenery) -> None:
    guid = page.locator("input[name=instance]").first.get_attribute("value")
    _tick_all(page, scenery)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="OK, stop them").wait_for()
    with scenery.product.client() as somebody:
        somebody.post(f"/api/Workflow/Instances/{guid}/Stop").raise_for_status()
    page.get_by_role("button", name="OK, stop them").click()
    page.get_by_role("link", name="Back to the list").wait_for()


VISITS = (
    Visit("instances", "operator", LIST),
    Visit("instances-all-columns", "operator", f"{LIST}?{ALL_COLUMNS}"),
    Visit("instances-menu", "operator", LIST, _open_menu),
    Visit("instances-dialog", "operator", LIST, _open_dialog, "instance"),
    Visit("instances-ticked", "operator", LIST, _tick_all),
    Visit("instances-stop-dialog", "operator", LIST, _stop_all, "instances_selected"),
    Visit("instances-results", "operator", LIST, _stop_what_is_stopped, "instances_selected"),
    Visit("instances-columns-menu", "operator", LIST, _open_columns),
    Visit("instances-searches-menu", "operator", LIST, _open_searches),
    Visit("instances-search-dialog", "operator", f"{LIST}?value=builds", _rename_a_search, "instance_search"),
    Visit("purge", "operator", PURGE),
    Visit("purge-counted", "operator", f"{PURGE}?days=365&statuses=Rejected"),
    Visit("purge-nothing", "operator", f"{PURGE}?days=36500&statuses=Rejected"),
    Visit("purge-wrong", "operator", f"{PURGE}?days=0", status=400),
    Visit("instances-fact", "operator", f"{LIST}?{FACT}"),
    Visit("instances-nothing", "operator", f"{LIST}?value=nothing+of+the+kind"),
    Visit("instances-wrong-query", "operator", f"{LIST}?query=Status+-is+Failed", status=400),
    *(Visit(f"instance-{kind}", "admin", ONE % kind) for kind in KINDS),
    Visit("instance-definition", "operator", f"{ONE % 'waiting'}/definition"),
    Visit("stop", "operator", f"{ONE % 'waiting'}/stop"),
    Visit("stop-refused", "operator", f"{ONE % 'stopped'}/stop"),
    Visit("restart", "operator", f"{ONE % 'renewing'}/restart"),
    Visit("restart-changed", "operator", f"{ONE % 'half_signed'}/restart"),
    Visit("restart-versions", "operator", f"{ONE % 'stopped'}/restart"),
    Visit("delete", "operator", f"{ONE % 'failed'}/delete"),
    Visit("delete-refused", "operator", f"{ONE % 'waiting'}/delete"),
)
