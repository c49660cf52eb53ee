"""Workflow → My Workflows: Assigned to Me and Created by Me (workflow-instances.md, 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import listing
from portal.context import show
from portal.listing import Sort
from portal.navigation import may_sign, sees_own, waiting_for
from portal.paging import page_of
from portal.presenters.assigned import waiting_rows
from portal.presenters.instances import SHOWN, rows_with_certificates
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.models import Instance
from workflows.search.instances import FIELDS
from workflows.vocabulary.permissions import Permission

ASSIGNED, CREATED = "assigned", "created"
NEWEST_FIRST = Sort("ReferenceId", descending=True)


@require_safe
def my_workflows(request: PortalRequest) -> HttpResponse:
    tab = _tab(request)
    context = _assigned(request) if tab == ASSIGNED else _created(request)
    return show(request, "workflows/my.html", {"tab": tab, "tabs": _tabs(request, tab), **context})


def _tab(request: PortalRequest) -> str:
    """The tab that was asked for and is open, else the first open one."""
    policies.require(
        request.actor,
        Permission.WORKFLOW_INSTANCES_READ_PENDING,
        Permission.WORKFLOW_INSTANCES_READ_MINE,
    )
    wanted = request.GET.get("tab")
    if wanted == CREATED and sees_own(request.actor):
        return CREATED
    return ASSIGNED if may_sign(request.actor) else CREATED


def _tabs(request: PortalRequest, current: str) -> list[Mapping[str, Any]]:
    actor, url = request.actor, reverse("portal:my_workflows")
    entries = (
        (ASSIGNED, _("Assigned to Me"), may_sign(actor), waiting_for),
        (CREATED, _("Created by Me"), sees_own(actor), lambda _actor: 0),
    )
    return [
        {
            "name": name,
            "label": label,
            "url": f"{url}?tab={name}",
            "count": count(actor),
            "is_current": name == current,
        }
        for name, label, is_open, count in entries
        if is_open
    ]


def _assigned(request: PortalRequest) -> dict[str, Any]:
    """The longest waiting first: runs are numbered as they begin."""
    rows = Instance.objects.filter(policies.assigned_to(request.actor))
    page, shown = page_of(rows.select_related("record", "version").order_by("run_id"), request.GET)
    return {"page": page, "rows": waiting_rows(shown)}


def _created(request: PortalRequest) -> dict[str, Any]:
    rows = Instance.objects.filter(policies.created_by(request.actor)).select_related(*SHOWN)
    rows, sort = listing.ordered(rows, request.GET, FIELDS, NEWEST_FIRST)
    page, shown = page_of(rows, request.GET)
    return {"page": page, "rows": rows_with_certificates(shown, request.actor), "sort": sort}
