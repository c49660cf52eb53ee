"""The dashboard."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.context import show
from portal.navigation import sections, sees_own, waiting_for, way_to_enroll
from portal.presenters import audit, dashboard
from portal.presenters.assigned import waiting_rows
from portal.presenters.instances import SHOWN, rows_with_certificates
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.models import AuditEntry, Certificate, Instance
from workflows.vocabulary.permissions import Permission

WAITING_ROWS, OWN_ROWS, AUDIT_ROWS = 5, 5, 8


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    now = timezone.now()
    parts = {
        "waiting": _waiting(request),
        "mine": _mine(request),
        "tallies": _tallies(request, now),
        "activity": _activity(request),
        "health": dashboard.health(now) if request.actor.may(Permission.DASHBOARD_READ) else None,
        **_certificates(request, now),
    }
    nothing = None if any(part not in (None, []) for part in parts.values()) else _nothing(request)
    context = {"greeting": _greeting(request, now), **parts, "nothing": nothing}
    return show(request, "dashboard.html", context)


def _nothing(request: PortalRequest) -> dict[str, Any]:
    """For who is open no part of the dashboard: where to go, or whom to ask."""
    if not request.actor.role_ids:
        text = _("An administrator can give you one; what it opens shows here.")
        return {"title": _("You hold no role yet"), "text": text}
    title = _("There is nothing to watch for you here")
    if url := way_to_enroll(request.actor):
        text = _("You may request certificates; the page of each request follows it to its end.")
        return {"title": title, "text": text, "action": _("Request a certificate"), "url": url}
    places = [entry for section in sections(request) for entry in section.entries if not entry.is_current]
    if places:
        text = _("What your roles open is in the menu.")
        return {"title": title, "text": text, "action": places[0].label, "url": places[0].url}
    text = _("Your roles open no page of the portal: ask an administrator for one that does.")
    return {"title": title, "text": text}


def _greeting(request: PortalRequest, now: datetime) -> str:
    name = request.user.full_name
    return dashboard.greeting(name, timezone.localtime(now).hour) if name else ""


def _waiting(request: PortalRequest) -> dict[str, Any] | None:
    waiting = waiting_for(request)
    if waiting is None:
        return None
    rows = Instance.objects.filter(policies.assigned_to(request.actor))
    first = list(rows.select_related("record", "version").order_by("run_id")[: WAITING_ROWS + 1])
    return {
        "rows": waiting_rows(first[:WAITING_ROWS]),
        "more": waiting.number if len(first) > WAITING_ROWS else "",
        "url": f"{reverse('portal:my_workflows')}?tab=assigned",
    }


def _mine(request: PortalRequest) -> dict[str, Any] | None:
    """For those who request, not for those who may see everything."""
    if not sees_own(request.actor) or request.actor.may(Permission.WORKFLOW_INSTANCES_READ):
        return None
    rows = Instance.objects.filter(policies.created_by(request.actor)).select_related(*SHOWN)
    return {
        "rows": rows_with_certificates(rows.order_by("-pk")[:OWN_ROWS], request.actor),
        "url": f"{reverse('portal:my_workflows')}?tab=created",
        "enroll_url": way_to_enroll(request.actor),
    }


def _tallies(request: PortalRequest, now: datetime) -> list[dashboard.Tally]:
    if not request.actor.may(Permission.WORKFLOW_INSTANCES_READ):
        return []
    rows = policies.restrict(Instance.objects.all(), request.actor, Permission.WORKFLOW_INSTANCES_READ)
    return dashboard.tallies(rows, now)


def _certificates(request: PortalRequest, now: datetime) -> dict[str, Any]:
    if not request.actor.may(Permission.CERTIFICATES_READ):
        return {"expiry": None, "expiring": []}
    rows = policies.restrict(Certificate.objects.all(), request.actor, Permission.CERTIFICATES_READ)
    return {"expiry": dashboard.expiry(rows, now), "expiring": dashboard.expiring(rows, now)}


def _activity(request: PortalRequest) -> list[audit.Entry] | None:
    if not request.actor.may(Permission.AUDITING_READ):
        return None
    rows = policies.restrict(AuditEntry.objects.all(), request.actor, Permission.AUDITING_READ)
    return audit.entries(rows.order_by("-pk")[:AUDIT_ROWS])
