"""What the API offers, read from its URLconf: one `Operation` for each path and verb."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from rest_framework.permissions import AllowAny

from workflows.api.views.base import beside_of, permissions_of
from workflows.api.views.unknown import UnknownPath

_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
_SAMPLES = {"int": "999999", "uuid": "00000000-0000-4000-8000-000000000000"}


@dataclass(frozen=True)
class Operation:
    """`path` has its arguments as `{name}`; `permissions` are those of which a caller must hold one."""

    verb: str
    path: str
    sample: str  # a path that names nothing there is
    permissions: tuple[str, ...]
    beside: tuple[str, ...]  # of these, too
    is_public: bool

    def __str__(self) -> str:
        return f"{self.verb} /{self.path}"


def operations() -> list[Operation]:
    """All of them, by path."""
    return sorted(_all(), key=lambda each: (each.path, each.verb))


def _all() -> Iterator[Operation]:
    for pattern in get_resolver("workflows.api.urls").url_patterns:
        view: Any = pattern.callback.cls  # type: ignore[union-attr]
        if view is UnknownPath:
            continue
        route = str(pattern.pattern)
        path, sample = _ARGUMENT.sub(r"{\2}", route), _ARGUMENT.sub(_sample, route)
        is_public = AllowAny in view.permission_classes
        for verb in ("get", "post", "put", "patch", "delete"):
            if method := getattr(view, verb, None):
                rights = permissions_of(method), beside_of(method)
                yield Operation(verb.upper(), path, sample, *rights, is_public)


def _sample(argument: re.Match[str]) -> str:
    return _SAMPLES.get(argument[1], _SAMPLES["uuid"])
