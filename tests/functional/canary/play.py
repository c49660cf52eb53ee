"""What all flows share: the product, the marks, who calls with which password, and every answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.connectors.servers import HttpServer
from tests.functional.canary.marks import Marks
from tests.product import Product

API = "/api/"
COMMON_NAME = "canary.keyexample.com"  # no secret: it shows that the search looks in the right places


@dataclass
class Play:
    """`meant` are the answers that carry a secret because their caller has asked for just that."""

    product: Product
    site: HttpServer
    marks: Marks = field(default_factory=Marks)
    passwords: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, bytes]] = field(default_factory=list)
    meant: set[str] = field(default_factory=set)

    def client(self, name: str = "", password: str = "", **headers: str) -> httpx2.Client:
        """Keeps every answer; without a name nobody is logged in."""
        return httpx2.Client(
            base_url=self.product.url,
            auth=(name, password or self.passwords[name]) if name else None,
            headers=headers,
            timeout=60,
            trust_env=False,
            event_hooks={"response": [self._keep]},
        )

    def call(
        self, name: str, verb: str, path: str, body: Any = None, *, status: int = 200, **more: Any
    ) -> Any:
        """The JSON of an answer, which must have this status; `more` are headers, or another password."""
        with self.client(name, **more) as client:
            answer = client.request(verb, API + path, json=body)
        assert answer.status_code == status, (verb, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def find(self, path: str, name: str, value: str) -> dict[str, Any]:
        """The row of a list in which `name` is `value`."""
        rows: list[dict[str, Any]] = self.call("admin", "GET", f"{path}?ReturnLimit=1000")
        return next(row for row in rows if row[name] == value)

    def _keep(self, answer: httpx2.Response) -> None:
        answer.read()
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        name = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
        self.answers.append((name, head.encode() + b"\n\n" + answer.content))
