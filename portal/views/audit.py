"""Administration → Audit Log: the list, the same as CSV, one entry with what it changed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

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
from portal.presenters.audit import category_name, entries, operation_name
from portal.presenters.restart_entries import changes_of, restart_entry
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.audit.macs import is_genuine
from workflows.errors import NotFound
from workflows.models import AuditEntry
from workflows.search import kinds
from workflows.search.fields import Field, Fields
from workflows.vocabulary.auditing import Category, Level, Operation
from workflows.vocabulary.permissions import Permission

READ = Permission.AUDITING_READ
NEWEST_FIRST = Sort("Id", descending=True)
RELATED = 20  # entries about the same object, beside one of them
FIELDS = Fields(
    [
        Field("Id", "pk", kinds.Integer()),
        Field("Timestamp", "timestamp", kinds.Date()),
        Field("Category", "category", kinds.Enum.of(Category)),
        Field("Operation", "operation", kinds.Enum.of(Operation)),
        Field("Level", "level", kinds.Enum.of(Level)),
        Field("User", "user_name", sortable=False),
        Field("AuditIdentifier", "audit_identifier", sortable=False),
        Field("ImmutableIdentifier", "immutable_identifier"),
        Field("RequestId", "request_id", sortable=False),
    ]
)
SEARCHED: Choices = (
    ("AuditIdentifier", gettext_lazy("Object")),
    ("User", gettext_lazy("Person")),
    ("Operation", gettext_lazy("Operation")),
    ("Category", gettext_lazy("Category")),
    ("Timestamp", gettext_lazy("Time")),
    ("Level", gettext_lazy("Level")),
    ("ImmutableIdentifier", gettext_lazy("Id of the object")),
    ("RequestId", gettext_lazy("Request")),
)
EXAMPLE = 'Operation -eq "Approved" AND Timestamp -ge "%TODAY-7%"'
HEADINGS = ("Id", "Timestamp", "User", "Operation", "Category", "Level", "Object", "ObjectId", "RequestId")


@require_safe
def audit_log(request: PortalRequest) -> HttpResponse:
    wanted = _filter(request)
    rows, error = listing.apply(_all(request), wanted, FIELDS, request.actor)
    rows, sort = listing.ordered(rows, request.GET, FIELDS, NEWEST_FIRST)
    page, shown = page_of(rows.defer("before", "after"), request.GET)
    context = {
        "rows": [_row(each) for each in shown],
        "page": page,
        "sort": sort,
        "filter": replace(wanted, error=error),
    }
    return show(request, "administration/audit_log.html", context, status=400 if error else 200)


@require_safe
def audit_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it, up to the number of rows that lists count."""
    rows, error = listing.apply(_all(request), _filter(request), FIELDS, request.actor)
    rows, _sort = listing.ordered(rows.defer("before", "after"), request.GET, FIELDS, NEWEST_FIRST)
    return csv_response("audit-log.csv", HEADINGS, rows, partial(map, _line), error=error)


@require_safe
def audit_entry(request: PortalRequest, entry_id: int) -> HttpResponse:
    found = _all(request).filter(pk=entry_id).first()
    if found is None:
        raise NotFound(f"There is no audit entry with id {entry_id}.")
    same = _all(request).filter(immutable_identifier=found.immutable_identifier, category=found.category)
    context = {
        "breadcrumbs": [(_("Audit Log"), reverse("portal:audit_log"))],
        "entry": found,
        "row": _row(found),
        "changes": changes_of(found),
        "restart": restart_entry(found),
        "is_genuine": is_genuine(found),
        "related": entries(same.exclude(pk=entry_id).order_by("-pk")[:RELATED], names=False),
    }
    return show(request, "administration/audit_entry.html", context)


def _all(request: PortalRequest) -> QuerySet[AuditEntry]:
    return policies.restrict(AuditEntry.objects.all(), request.actor, READ)


def _filter(request: PortalRequest) -> Filter:
    return listing.read_filter(request.GET, SEARCHED, FIELDS, place="portal:audit_log", example=EXAMPLE)


def _row(entry: AuditEntry) -> dict[str, object]:
    return {
        "id": entry.pk,
        "at": entry.timestamp,
        "person": entry.user_name,
        "operation": operation_name(entry.operation),
        "category": category_name(entry.category),
        "name": entry.audit_identifier,
        "is_warning": entry.level != Level.Information,
    }


def _line(entry: AuditEntry) -> list[object]:
    return [
        entry.pk,
        entry.timestamp.isoformat(timespec="seconds"),
        entry.user_name,
        operation_name(entry.operation),
        category_name(entry.category),
        Level(entry.level).name,
        entry.audit_identifier,
        entry.immutable_identifier,
        entry.request_id,
    ]
