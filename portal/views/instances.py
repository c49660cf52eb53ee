"""Workflow → Instances: the list, and the same as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal import listing, live, news, saved_searches
from portal.context import show
from portal.counts import counted, shown_count
from portal.csv_files import csv_response
from portal.instance_columns import INSTANCES
from portal.instance_searches import EXAMPLE, KNOWN_FACTS, NEWEST_FIRST, SEARCHED, quick_filters
from portal.listing import Filter
from portal.navigation import way_to_enroll
from portal.news import Counts, Following
from portal.presenters.gone import deleted
from portal.presenters.instances import SHOWN, current_step, rows
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.models import Instance
from workflows.search.instances import FIELDS
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

HEADINGS = (
    "Id",
    "ReferenceId",
    "Title",
    "Definition",
    "Version",
    "Type",
    "Status",
    "StatusMessage",
    "CurrentStep",
    "InitiatingUserName",
    "StartDate",
    "LastModified",
)


@live.followed
@require_safe
def instances(request: PortalRequest) -> HttpResponse:
    if news.is_asking(request):
        return news.answer(request, _following(request))
    newest = _all(request).order_by("-pk").values_list("pk", flat=True).first() or 0
    found = listing.find(_all(request), _filter(request), request, FIELDS, NEWEST_FIRST)
    counts = _counts(request)
    context = {
        "rows": rows(found.rows, request.actor),
        "page": found.page,
        "sort": found.sort,
        "filter": found.filter,
        "known_facts": KNOWN_FACTS,
        "news": news.news_of(request, newest, news.stamps_of(found.rows), counts=counts),
        "are_all_ticked": request.GET.get("tick") == "all",
        "may_manage": request.actor.may(Permission.WORKFLOW_INSTANCES_MANAGE),
        "enroll_url": way_to_enroll(request.actor),
        "back": news.list_of(request).urlencode(),
        **counts.context,
        **saved_searches.above(request, request.GET, INSTANCES),
    }
    return show(request, "workflows/instances.html", context, status=400 if found.filter.error else 200)


@require_safe
def instances_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it, up to the number of rows that lists count."""
    found, error = listing.apply(_all(request), _filter(request), FIELDS, request.actor)
    found, _sort = listing.ordered(found, request.GET, FIELDS, NEWEST_FIRST)
    return csv_response("workflow-instances.csv", HEADINGS, found, partial(map, _line), error=error)


def _filter(request: PortalRequest) -> Filter:
    columns = [("columns", name) for name in request.GET.getlist("columns")]
    wanted = listing.read_filter(request.GET, SEARCHED, FIELDS, place="portal:instances", example=EXAMPLE)
    return replace(wanted, kept=columns)


def _all(request: PortalRequest) -> QuerySet[Instance]:
    policies.require(request.actor, Permission.WORKFLOW_INSTANCES_READ)
    rows = policies.restrict(Instance.objects.all(), request.actor, Permission.WORKFLOW_INSTANCES_READ)
    return rows.select_related(*SHOWN).defer("data", "record__initial_data", "version__steps")


def _following(request: PortalRequest) -> Following:
    def context(changed: Sequence[Instance]) -> dict[str, Any]:
        columns = saved_searches.chosen_columns(request, INSTANCES)
        return {
            "rows": rows(changed, request.actor),
            "columns": columns,
            "is_status_shown": any(each.name == "Status" for each in columns),
            "back": news.list_of(request).urlencode(),
        }

    return Following(
        count=lambda after: _newer(request, after),
        words=_new_words,
        rows=_all(request),
        cells="workflows/instance_cells.html",
        context=context,
        gone=deleted,
        counts=lambda: _counts(request),
    )


def _counts(request: PortalRequest) -> Counts:
    found = quick_filters(_all(request), _filter(request))
    return Counts([(each["status"], each["count"]) for each in found], {"status_counts": found})


def _newer(request: PortalRequest, after: int) -> int:
    """How many instances of this list began since."""
    rows, _error = listing.apply(_all(request), _filter(request), FIELDS, request.actor)
    return counted(rows.filter(pk__gt=after), news.MOST)


def _new_words(number: int) -> str:
    words = ngettext("%(n)s new instance. Show it", "%(n)s new instances. Show them", number)
    return words % {"n": shown_count(number, news.MOST)}


def _line(instance: Instance) -> list[object]:
    record, version = instance.record, instance.version
    return [
        instance.guid,
        instance.pk,
        record.title,
        version.display_name,
        version.number,
        record.workflow_type,
        InstanceStatus(instance.status).name,
        instance.status_message,
        current_step(instance),
        record.initiating_user_name,
        instance.started_at.isoformat(timespec="seconds"),
        instance.modified_at.isoformat(timespec="seconds"),
    ]
