"""What every page behind the log-in may rely on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from workflows.access.actors import Actor
from workflows.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class PortalRequest(HttpRequest):
    """A request of a person who is logged in; `portal.middleware` makes it one."""

    actor: Actor
    user: User
    waiting: int  # see portal.navigation.waiting_for


@dataclass(frozen=True)
class FormPage:
    """The page whose form a view takes: its place, and which arguments of the view its address has, too."""

    place: str
    shared: tuple[str, ...]

    def url(self, kwargs: Mapping[str, Any]) -> str:
        return reverse(self.place, kwargs={name: kwargs[name] for name in self.shared})


def sent_from(place: str, *shared: str) -> Callable[[View], View]:
    """Marks a view that takes only what a form sends; whoever opens its address is led to the form's page."""

    def marked(view: View) -> View:
        taking: Any = require_POST(view)
        taking.form_page = FormPage(place, shared)
        return cast("View", taking)

    return marked


def public(view: View) -> View:
    """Marks a view that answers without a log-in; every other one sends strangers to the log-in page."""
    view.is_public = True  # type: ignore[attr-defined]
    return view
