"""The demonstration in a running product, and every page of it that somebody may look at."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page

from config.env import ROOT
from portal.instance_columns import COLUMNS
from tests.browser.openssl import any_request
from tests.product import Product

_ALL_COLUMNS = urlencode({"columns": [column.name for column in COLUMNS]}, doseq=True)


@dataclass(frozen=True)
class Visit:
    """One page as one person sees it; `act` does something there first."""

    name: str
    person: str
    path: str
    act: Callable[[Page], object] | None = None


class Scenery:
    """`manage.py demo` in `product`; finds the instances and certificates that show something."""

    def __init__(self, product: Product) -> None:
        self.product = product
        command = [sys.executable, "manage.py", "demo"]
        subprocess.run(command, cwd=ROOT, env=product.environ, check=True, capture_output=True)
        self._password = json.loads((product.data / "demo-logins.json").read_text())["password"]

    def credentials(self, person: str) -> tuple[str, str]:
        """Name and password of one of the cast; `admin` is the first administrator, nobody has none."""
        if not person:
            return "", ""
        if person == "admin":
            return self.product.username, self.product.password
        return person, self._password

    def visits(self) -> Iterator[Visit]:
        """All pages, each once for everybody to whom it looks different."""
        yield from self._doors()
        yield from self._my_workflows()
        yield from self._instances()
        yield from self._enrollment()
        yield from self._certificates()

    def _doors(self) -> Iterator[Visit]:
        yield Visit("login", "", "/login")
        yield Visit("login-refused", "", "/login", _fail_to_log_in)
        yield Visit("dashboard", "admin", "/")
        yield Visit("dashboard-approver", "approver1", "/")
        yield Visit("dashboard-requester", "requester", "/")
        yield Visit("dashboard-stranger", "stranger", "/")
        yield Visit("search", "admin", "/search?q=appsrvr12")
        yield Visit("search-nothing", "admin", "/search?q=nothing+of+the+kind")
        yield Visit("forbidden", "stranger", "/workflow/instances")
        yield Visit("not-found", "admin", "/nowhere")

    def _my_workflows(self) -> Iterator[Visit]:
        waiting = self._instance("Installer team")
        yield Visit("my-assigned", "approver2", "/workflow/my")
        yield Visit("my-assigned-empty", "admin", "/workflow/my")
        yield Visit("my-created", "requester", "/workflow/my?tab=created")
        yield Visit("my-created-empty", "auditor", "/workflow/my?tab=created")
        yield Visit("my-decided", "approver1", "/workflow/my?tab=decided")
        yield Visit("my-filtered", "approver2", "/workflow/my?tab=assigned&value=builds")
        yield Visit("review", "approver2", f"/workflow/my/{waiting}")
        yield Visit("review-lint", "approver2", f"/workflow/my/{waiting}/lint")
        yield Visit("review-done", "approver1", f"/workflow/my/{waiting}")

    def _instances(self) -> Iterator[Visit]:
        yield Visit("instances", "operator", "/workflow/instances")
        yield Visit("instances-columns-wide", "operator", f"/workflow/instances?{_ALL_COLUMNS}")
        yield Visit("instances-menu", "operator", "/workflow/instances", _open_menu)
        yield Visit("instances-dialog", "operator", "/workflow/instances", _open_dialog)
        yield Visit("instances-ticked", "operator", "/workflow/instances", _tick_all)
        yield Visit("instances-stop", "operator", "/workflow/instances", _stop_all)
        yield Visit("instances-columns", "operator", "/workflow/instances", _open_columns)
        yield Visit("instances-searches", "operator", "/workflow/instances", _open_searches)
        fact = "field=Data&fact=Template&comparison=-eq&value=WebServer"
        yield Visit("instances-fact", "operator", f"/workflow/instances?{fact}")
        yield Visit("instances-nothing", "operator", "/workflow/instances?value=nothing+of+the+kind")
        yield Visit("instances-wrong-query", "operator", "/workflow/instances?query=Status+-is+Failed")
        for name, status in (
            ("Driver team", "complete"),
            ("Games team", "denied"),
            ("not a host name", "failed"),
            ("Installer team", "waiting"),
            ("Old builds", "stopped"),
        ):
            yield Visit(f"instance-{status}", "admin", f"/workflow/instances/{self._instance(name)}")
        waiting, failed = self._instance("Nightly builds"), self._instance("not a host name")
        yield Visit("definition", "operator", f"/workflow/instances/{waiting}/definition")
        yield Visit("stop", "operator", f"/workflow/instances/{waiting}/stop")
        yield Visit("restart", "operator", f"/workflow/instances/{waiting}/restart")
        yield Visit("delete", "operator", f"/workflow/instances/{failed}/delete")
        yield Visit("delete-refused", "operator", f"/workflow/instances/{waiting}/delete")

    def _enrollment(self) -> Iterator[Visit]:
        yield Visit("enroll-csr", "requester", "/enroll/csr")
        yield Visit("enroll-csr-refused", "requester", "/enroll/csr", _send_nonsense)
        yield Visit("enroll-csr-checked", "requester", "/enroll/csr", _only_check)
        yield Visit("enroll-pfx", "requester", "/enroll/pfx")
        yield Visit("enroll-pfx-issued", "requester", "/enroll/pfx", _enroll)
        yield Visit("pickup", "requester", "/enroll/pfx", _go_to_pick_up)
        yield Visit("enroll-pfx-refused", "requester", "/enroll/pfx", _send_nothing)
        for name, status in (
            ("Driver team", "issued"),
            ("Installer team", "waiting"),
            ("Games team", "denied"),
        ):
            yield Visit(f"enroll-{status}", "requester", f"/enroll/{self._instance(name)}")

    def _certificates(self) -> Iterator[Visit]:
        revoked, valid = self._certificate("appsrvr12"), self._certificate("appsrvr14")
        yield Visit("certificates", "operator", "/certificates")
        yield Visit("certificate", "admin", f"/certificates/{valid}")
        yield Visit("certificate-revoked", "admin", f"/certificates/{revoked}")
        yield Visit("revoke", "operator", f"/certificates/{valid}/revoke")

    def _instance(self, title: str) -> str:
        query = f'Title -contains "{title}" AND Status -ne "CanceledForRestart"'
        return str(self._found("Workflow/Instances", query)["Id"])

    def _certificate(self, name: str) -> int:
        return int(self._found("Certificates", f'IssuedCN -startswith "{name}"')["Id"])

    def _found(self, resource: str, query: str) -> dict[str, Any]:
        with self.product.client() as client:
            answer = client.get(f"/api/{resource}", params={"QueryString": query, "IncludeRevoked": True})
        found: dict[str, Any] = answer.raise_for_status().json()[0]
        return found


def _fail_to_log_in(page: Page) -> None:
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("a wrong guess")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("alert").wait_for()


def _open_menu(page: Page) -> None:
    page.get_by_role("button", name="Actions for").first.click()
    page.get_by_role("link", name="View Definition").first.wait_for()


def _open_dialog(page: Page) -> None:
    page.locator("a.lead").first.click()
    page.locator("dialog[open] h1").wait_for()


def _tick_all(page: Page) -> None:
    page.get_by_label("All on this page").check()


def _stop_all(page: Page) -> None:
    _tick_all(page)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("left alone").wait_for()


def _open_columns(page: Page) -> None:
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Show these").wait_for()


def _open_searches(page: Page) -> None:
    page.get_by_role("button", name="Saved searches").click()
    page.get_by_label("Save what is shown now as").wait_for()


def _send_nonsense(page: Page) -> None:
    page.get_by_label("Certificate signing request").fill("-----BEGIN CERTIFICATE-----")
    page.get_by_role("button", name="Enroll").click()
    page.locator(".error").first.wait_for()


def _only_check(page: Page) -> None:
    page.get_by_label("Certificate signing request").fill(any_request("www.keyexample.com"))
    page.get_by_label("Template").select_option("WebServer")
    page.get_by_role("button", name="Only check").click()
    page.get_by_text("What was read from the request").wait_for()


def _enroll(page: Page) -> None:
    page.get_by_label("Common name").fill("shop.keyexample.com")
    page.get_by_role("button", name="Enroll").click()
    page.get_by_role("link", name="Pick up with key").wait_for()


def _go_to_pick_up(page: Page) -> None:
    _enroll(page)
    page.goto(page.get_by_role("link", name="Pick up with key").get_attribute("href") or "")


def _send_nothing(page: Page) -> None:
    page.get_by_role("button", name="Enroll").click()
    page.locator(".error").first.wait_for()
