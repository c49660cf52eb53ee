"""A server that is told of every change: its secret given, replaced, refused, and never seen again."""

from __future__ import annotations

import base64
from typing import Any

from tests.connectors.servers import Reply
from tests.functional.canary.play import Play

PATH = "/told"
CHANGES = ["Suspended", "Complete", "Failed", "Rejected"]


def play(this: Play) -> None:
    """Subscribes before the flows that are told of."""
    this.site.replies[PATH] = Reply(204, body=b"")
    url = f"http://127.0.0.1:{this.site.port}{PATH}"
    body = {"Name": "Canary", "URL": url, "Secret": _key(this, "first key"), "Changes": CHANGES}
    path = f"Workflow/Subscriptions/{this.call('admin', 'POST', 'Workflow/Subscriptions', body)['Id']}"
    this.call("admin", "PUT", path, {"Secret": _key(this, "second key")})
    for refused in (this.marks.new("bare subscription key"), {"SecretValue": f"{this.marks.new('no key')}!"}):
        this.call("admin", "PUT", path, {"Secret": refused}, status=400)
    for shown in ("Workflow/Subscriptions", path, f"{path}/Deliveries"):
        this.call("admin", "GET", shown)


def _key(this: Play, name: str) -> dict[str, Any]:
    key = this.marks.new(f"subscription's {name}")
    return {"SecretValue": f"whsec_{base64.b64encode(key.encode()).decode()}"}
