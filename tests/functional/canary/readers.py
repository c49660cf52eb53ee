"""Who only looks: a browser, a monitor, and a client that reads every list of the API."""

from __future__ import annotations

import re

import httpx2

from tests.architecture.operations import operations
from tests.functional.canary.people import REQUESTER
from tests.functional.canary.play import Play
from workflows.api.profiles import MOUNTS

PAGES = ("/", "/workflow/my", "/workflow/instances", "/certificates", "/search?q=canary")
DETAILED = ("Audit", "Certificates", "Security/Roles", "Security/Users", "Workflow/Instances")


def play(this: Play) -> None:
    with this.client() as browser:
        _log_in(browser, REQUESTER, this.marks.new("wrong password in the form"), 401)
        _log_in(browser, "admin", this.passwords["admin"], 302)
        _look(browser, this)
    with this.client("admin") as client:
        for mount in MOUNTS.values():
            _read(client, f"/{mount}")
    for token, status in ((this.product.environ["METRICS_TOKEN"], 200), (this.marks.new("wrong token"), 403)):
        with this.client(Authorization=f"Bearer {token}") as monitor:
            assert monitor.get("/metrics").status_code == status


def _log_in(browser: httpx2.Client, name: str, password: str, status: int) -> None:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/login").text)
    assert found
    form = {"csrfmiddlewaretoken": found[1], "username": name, "password": password}
    assert browser.post("/login", data=form).status_code == status


def _look(browser: httpx2.Client, this: Play) -> None:
    instances = [
        f"/workflow/instances/{row['Id']}" for row in this.call("admin", "GET", "Workflow/Instances")
    ]
    for page in (*PAGES, *instances, *(f"{instance}/definition" for instance in instances)):
        assert browser.get(page).status_code == 200, page


def _read(client: httpx2.Client, mount: str) -> None:
    for each in operations():
        if each.verb == "GET" and "{" not in each.path:
            client.get(f"{mount}{each.path}?ReturnLimit=1000")
    for path in DETAILED:
        for row in client.get(f"{mount}{path}?ReturnLimit=1000&IncludeRevoked=true").json():
            assert client.get(f"{mount}{path}/{row['Id']}").status_code == 200
