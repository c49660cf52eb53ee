"""The demonstration in a running product, with what it does not have, and where each thing of it is."""

from __future__ import annotations

import json
import subprocess
import sys

from playwright.sync_api import Page

from config.env import ROOT
from tests.browser.props import Props
from tests.browser.visits import Visit
from tests.product import Product

INSTANCES = {
    "complete": "Driver team",
    "denied": "Games team",
    "failed": "not a host name",
    "half_signed": "Installer team",
    "stopped": "Old builds",
    "waiting": "Nightly builds",
    "renewing": "Drivers and firmware",
}


class Scenery:
    """`manage.py demo` in `product` and the props beside it; the stories have people of their own."""

    def __init__(self, product: Product) -> None:
        self.product = product
        command = [sys.executable, "manage.py", "demo"]
        subprocess.run(command, cwd=ROOT, env=product.environ, check=True, capture_output=True)
        self._password = json.loads((product.data / "demo-logins.json").read_text())["password"]
        with product.client() as client, product.client(*self.credentials("requester")) as requester:
            props = Props(product, client, requester)
            self.places: dict[str, object] = props.put_up()
            self.places |= {name: props.instance(title) for name, title in INSTANCES.items()}
        self.kept = ""  # what one act hands to a later one

    def credentials(self, person: str) -> tuple[str, str]:
        """Name and password of one of the cast; `admin` is the first administrator, nobody has none."""
        if not person:
            return "", ""
        if person == "admin":
            return self.product.username, self.product.password
        return person, self._password

    def show(self, page: Page, visit: Visit) -> None:
        """Opens the page of the visit and does there what it says."""
        answer = page.goto(visit.path.format_map(self.places))
        status = answer.status if answer else 0
        assert status == visit.status, f"{visit.name}: {page.url} answers {status}"
        if visit.act:
            visit.act(page, self)
