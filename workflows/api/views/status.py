"""Whether the API answers, and what the caller may use of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import get_resolver

from workflows.access.actors import Actor
from workflows.api.views.base import View, beside_of, operation, permissions_of, route

_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


class Endpoints(View):
    @operation(answer=list[str])
    def get(self) -> list[str]:
        """Every operation that the caller's permissions allow, as `GET /Templates/{template_id}`."""
        return sorted(_usable(self.actor))


class HealthCheck(View):
    @operation()
    def get(self) -> None:
        """204 while the API answers."""


def _usable(actor: Actor) -> Iterator[str]:
    for pattern in get_resolver("workflows.api.urls").url_patterns:
        view = pattern.callback.cls  # type: ignore[union-attr]
        for verb in ("get", "post", "put", "delete"):
            method = getattr(view, verb, None)
            if method and all(_allows(actor, asked) for asked in (permissions_of(method), beside_of(method))):
                path = _ARGUMENT.sub(r"{\1}", str(pattern.pattern))
                yield f"{verb.upper()} /{path}"


def _allows(actor: Actor, permissions: tuple[str, ...]) -> bool:
    return not permissions or any(actor.may(permission) for permission in permissions)


routes = [
    route("Status/Endpoints", Endpoints),
    route("Status/HealthCheck", HealthCheck),
]
