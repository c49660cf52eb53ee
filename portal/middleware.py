"""The door of the portal: who comes in, in which time zone he reads, and what he sees when he is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import held_forms, live
from portal.views.errors import not_this_way, refusal
from portal.views.sessions import log_in_again
from workflows.access.actors import actor_for
from workflows.errors import DomainError
from workflows.models import User

Handler = Callable[[HttpRequest], HttpResponse]


class Door:
    """Concerns the portal's own pages only; the API has its own authentication and error bodies."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(None):  # what a page activates ends with it
            response = self.get_response(request)
        is_bare = response.status_code == 405 and _is_page(request)
        return not_this_way(request, response) if is_bare else response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        if not _is_page(request):
            return None
        request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        if getattr(view, "is_public", False):
            return None
        if getattr(view, "is_followed", False) and (answer := live.early_answer(request)):
            return answer
        if not isinstance(request.user, User):
            return _to_login(request)
        request.actor = actor_for(request.user)  # type: ignore[attr-defined]
        timezone.activate(_zone(request.user))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if _is_page(request) and isinstance(exception, DomainError):
            return refusal(request, exception)
        return None


def _is_page(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.app_name == "portal"


def _without_nul(given: QueryDict) -> QueryDict:
    """PostgreSQL holds no NUL and cannot be asked for it either; forms refuse it at the field."""
    if not any("\0" in value for _name, values in given.lists() for value in values):
        return given
    readable = given.copy()
    for name, values in given.lists():
        readable.setlist(name, [value.replace("\0", "") for value in values])
    return readable


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the log-in and back here, with what a form held; where that cannot be carried, it is said."""
    if request.method == "POST" and (held := held_forms.hold(request)):
        return log_in_again(request, held)
    if request.method != "GET":
        messages.warning(request, _("Your session had ended, so nothing was sent. Log in and send it again."))
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('portal:login')}?{query}")


def _zone(user: User) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
