"""Workflow → Instances: the list, and the same as CSV."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Count, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal import listing
from portal.context import show
from portal.csv_files import csv_response
from portal.instance_columns import chosen
from portal.listing import Choices, Filter, Sort
from portal.paging import page_of
from portal.presenters.instances import SHOWN, row
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.models import Instance
from workflows.search.instances import FIELDS
from workflows.search.syntax import Operator
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

NEWEST_FIRST = Sort("ReferenceId", descending=True)
SEARCHED: Choices = (
    ("Title", _("Title")),
    ("Status", _("Status")),
    ("WorkflowType", _("Type")),
    ("DefinitionDisplayName", _("Definition")),
    ("CurrentStepDisplayName", _("Current Step")),
    ("InitiatingUserName", _("Started by")),
    ("StartDate", _("Started")),
    ("LastModified", _("Last Modified")),
    ("ReferenceId", _("Reference Id")),
    ("Id", _("Id")),
    ("DefinitionId", _("Definition Id")),
)
OFFERED = (InstanceStatus.Suspended, InstanceStatus.Running, InstanceStatus.Failed)
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


EXAMPLE = 'Status -eq "Failed" AND StartDate -ge "%TODAY-7%"'


@require_safe
def instances(request: PortalRequest) -> HttpResponse:
    wanted = _filter(request)
    rows, error = listing.apply(_all(request), wanted, FIELDS, request.actor)
    rows, sort = listing.ordered(rows, request.GET, FIELDS, NEWEST_FIRST)
    page, shown = page_of(rows, request.GET)
    context = {
        "rows": [row(each, request.actor) for each in shown],
        "columns": chosen(request.GET.getlist("columns")),
        "are_all_ticked": request.GET.get("tick") == "all",
        "may_manage": request.actor.may(Permission.WORKFLOW_INSTANCES_MANAGE),
        "page": page,
        "sort": sort,
        "filter": replace(wanted, error=error),
        "status_counts": _status_counts(request, wanted),
        "may_enroll": request.actor.may(Permission.ENROLLMENT_CSR),
    }
    return show(request, "workflows/instances.html", context, status=400 if error else 200)


@require_safe
def instances_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it, up to the number of rows that lists count."""
    wanted = _filter(request)
    rows, _error = listing.apply(_all(request), wanted, FIELDS, request.actor)
    rows, _sort = listing.ordered(rows, request.GET, FIELDS, NEWEST_FIRST)
    lines = (_line(each) for each in rows[: listing.EXPORTED].iterator(chunk_size=500))
    return csv_response("workflow-instances.csv", HEADINGS, lines)


def _filter(request: PortalRequest) -> Filter:
    return listing.read_filter(request.GET, SEARCHED, url=reverse("portal:instances"), example=EXAMPLE)


def _all(request: PortalRequest) -> QuerySet[Instance]:
    policies.require(request.actor, Permission.WORKFLOW_INSTANCES_READ)
    rows = policies.restrict(Instance.objects.all(), request.actor, Permission.WORKFLOW_INSTANCES_READ)
    return rows.select_related(*SHOWN).defer("data", "record__initial_data", "version__steps")


def _status_counts(request: PortalRequest, wanted: Filter) -> list[dict[str, object]]:
    """How many wait, run and have failed, each leading to the list of just those."""
    rows = _all(request).filter(status__in=OFFERED).order_by()
    counted = dict(rows.values_list("status").annotate(number=Count("pk")))
    return [
        {
            "status": status,
            "count": counted[status],
            "url": f"{reverse('portal:instances')}?{urlencode(_only(status))}",
            "is_current": (wanted.field, wanted.value) == ("Status", status.name),
        }
        for status in OFFERED
        if counted.get(status)
    ]


def _only(status: InstanceStatus) -> dict[str, str]:
    return {"field": "Status", "comparison": Operator.EQ.value, "value": status.name}


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
        instance.step_display_name,
        record.initiating_user_name,
        instance.started_at.isoformat(timespec="seconds"),
        instance.modified_at.isoformat(timespec="seconds"),
    ]
