"""Workflow → Definitions: the list, one definition in any version, two versions compared, the export."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal import listing
from portal.comparisons import Choices
from portal.context import show
from portal.csv_files import csv_response
from portal.listing import Filter, Sort
from portal.paging import page_of
from portal.presenters.definition_changes import compare
from portal.presenters.definition_lists import csv_lines, rows
from portal.presenters.definitions import head, shown_steps
from portal.requests import PortalRequest
from workflows.actions import definition_copies, definitions
from workflows.errors import NotFound
from workflows.models import Definition, DefinitionVersion
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean, Guid, Integer
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.WORKFLOW_DEFINITIONS_MODIFY
BY_NAME = Sort("DisplayName", descending=False)
FIELDS = Fields(
    [
        Field("DisplayName", "latest__display_name"),
        Field("WorkflowType", "workflow_type"),
        Field("Enabled", "enabled", Boolean()),
        Field("Version", "latest__number", Integer()),
        Field("PublishedVersion", "published__number", Integer()),
        Field("Id", "guid", Guid()),
    ]
)
SEARCHED: Choices = (
    ("DisplayName", _("Name")),
    ("WorkflowType", _("Type")),
    ("Enabled", _("Enabled")),
    ("PublishedVersion", _("Published version")),
    ("Version", _("Latest version")),
    ("Id", _("Id")),
)
HEADINGS = ("Id", "DisplayName", "WorkflowType", "Keys", "PublishedVersion", "Version", "Enabled")
EXAMPLE = 'WorkflowType -eq "Enrollment" AND Enabled -eq true'


@require_safe
def definition_list(request: PortalRequest) -> HttpResponse:
    wanted, found, sort = _listed(request)
    page, shown = page_of(found, request.GET)
    context = {
        "rows": rows(shown),
        "page": page,
        "sort": sort,
        "filter": wanted,
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "definitions/list.html", context, status=400 if wanted.error else 200)


@require_safe
def definitions_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it, with every key."""
    wanted, found, _sort = _listed(request)
    return csv_response("workflow-definitions.csv", HEADINGS, found, csv_lines, error=wanted.error)


@require_safe
def definition(request: PortalRequest, guid: UUID) -> HttpResponse:
    found = definitions.visible(guid, actor=request.actor)
    version = definitions.version_of(found, _number(request, "version"))
    steps = shown_steps(version)
    context = {
        "breadcrumbs": [to_list()],
        "found": found,
        "shown_version": version,
        "definition": head(found, version),
        "steps": steps,
        "drawing": [step.drawn for step in steps],
        "versions": _versions(found),
        "may_modify": request.actor.may(MODIFY),
        "is_latest": version.pk == found.latest_id,
        "is_published": version.pk == found.published_id,
    }
    return show(request, "definitions/definition.html", context)


@require_safe
def definition_compare(request: PortalRequest, guid: UUID) -> HttpResponse:
    found = definitions.visible(guid, actor=request.actor)
    later = definitions.version_of(found, _number(request, "later"))
    earlier = definitions.version_of(found, _number(request, "earlier") or _before(found, later))
    if earlier.number > later.number:
        earlier, later = later, earlier
    context = {
        "breadcrumbs": [to_list(), to_page(found)],
        "found": found,
        "earlier": earlier,
        "later": later,
        "changes": compare(earlier, later),
        "versions": _versions(found),
    }
    return show(request, "definitions/compare.html", context)


@require_safe
def definition_export(request: PortalRequest, guid: UUID) -> HttpResponse:
    """The definition for another system: roles by name, no secrets."""
    found = definitions.visible(guid, actor=request.actor)
    version = definitions.version_of(found, _number(request, "version"))
    document = definition_copies.exported(found, version)
    response = JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="workflow-{found.guid}-{version.number}.json"'
    return response


def to_list() -> tuple[Any, str]:
    return _("Workflow Definitions"), reverse("portal:definitions")


def to_page(found: Definition) -> tuple[Any, str]:
    name = definitions.version_of(found, None).display_name
    return name[:60], reverse("portal:definition", args=[found.guid])


def _listed(request: PortalRequest) -> tuple[Filter, QuerySet[Definition], Sort]:
    found = definitions.listed(actor=request.actor).defer("latest__steps", "published__steps")
    wanted = listing.read_filter(request.GET, SEARCHED, FIELDS, place="portal:definitions", example=EXAMPLE)
    found, error = listing.apply(found, wanted, FIELDS, request.actor)
    found, sort = listing.ordered(found, request.GET, FIELDS, BY_NAME)
    return replace(wanted, error=error), found, sort


def _versions(found: Definition) -> list[DefinitionVersion]:
    return list(found.versions.defer("steps").order_by("-number")[:100])


def _before(found: Definition, later: DefinitionVersion) -> int:
    """The number of the version that it followed; its own where it is the first."""
    numbers = (
        found.versions.filter(number__lt=later.number).order_by("-number").values_list("number", flat=True)
    )
    return numbers.first() or later.number


def _number(request: PortalRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or len(given) > 9:
        raise NotFound("There is no such version.")
    return int(given)
