"""Administration → Users."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal import listing
from portal.comparisons import Choices
from portal.context import show
from portal.csv_files import csv_response
from portal.listing import Filter, Sort
from portal.paging import page_of
from portal.requests import PortalRequest
from workflows.actions import api_tokens, users
from workflows.models import User
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean, Integer
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.SECURITY_MODIFY
FIELDS = Fields(
    [
        Field("AccountName", "username"),
        Field("FullName", "full_name"),
        Field("Email", "email"),
        Field("Active", "is_active", Boolean()),
        Field("Service", "is_service", Boolean()),
        Field("Id", "pk", Integer()),
    ]
)
SEARCHED: Choices = (
    ("AccountName", gettext_lazy("User name")),
    ("FullName", gettext_lazy("Full name")),
    ("Email", gettext_lazy("E-mail")),
    ("Active", gettext_lazy("Active")),
)
HEADINGS = ("AccountName", "FullName", "Email", "Active", "Service", "Roles")


@require_safe
def user_list(request: PortalRequest) -> HttpResponse:
    wanted, found, sort = _listed(request)
    page, rows = page_of(found, request.GET)
    context = {
        "rows": rows,
        "page": page,
        "sort": sort,
        "filter": wanted,
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/users.html", context, status=400 if wanted.error else 200)


@require_safe
def user_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it."""
    wanted, found, _sort = _listed(request)
    return csv_response("users.csv", HEADINGS, found, partial(map, _line), error=wanted.error)


@require_safe
def user(request: PortalRequest, user_id: int) -> HttpResponse:
    found = users.find(user_id, actor=request.actor)
    return _page(request, found)


def to_list() -> tuple[str, str]:
    return _("Users"), reverse("portal:users")


def _listed(request: PortalRequest) -> tuple[Filter, QuerySet[User], Sort]:
    wanted = listing.read_filter(
        request.GET,
        SEARCHED,
        FIELDS,
        place="portal:users",
        example='Email -endswith "@keyexample.com"',
    )
    found, error = listing.apply(users.visible(request.actor), wanted, FIELDS, request.actor)
    found, sort = listing.ordered(found, request.GET, FIELDS, Sort("AccountName", descending=False))
    return replace(wanted, error=error), found, sort


def _line(row: User) -> list[object]:
    names = ", ".join(role.name for role in row.roles.all())
    return [row.account_name, row.full_name, row.email, row.is_active, row.is_service, names]


def _page(request: PortalRequest, found: User) -> HttpResponse:
    context: dict[str, Any] = {
        "breadcrumbs": [to_list()],
        "found": found,
        "roles": list(found.roles.order_by("name")),
        "tokens": list(api_tokens.visible(request.actor).filter(user=found)),
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/user.html", context)
