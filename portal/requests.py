"""What every page behind the log-in may rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponseBase

from workflows.access.actors import Actor
from workflows.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class PortalRequest(HttpRequest):
    """A request of a person who is logged in; `portal.middleware` makes it one."""

    actor: Actor
    user: User


def public(view: View) -> View:
    """Marks a view that answers without a log-in; every other one sends strangers to the log-in page."""
    view.is_public = True  # type: ignore[attr-defined]
    return view
