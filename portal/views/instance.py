"""One instance: Instance Review, and the definition as it was when the instance began."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import live
from portal.context import show
from portal.my_workflows import tabs
from portal.navigation import Words, may_sign, way_to_instances
from portal.presenters import audit
from portal.presenters.current_data import current_data
from portal.presenters.definitions import head, shown_steps, without_configuration
from portal.presenters.instances import row
from portal.presenters.related import related
from portal.presenters.signatures import lines
from portal.presenters.steps import steps_of
from portal.presenters.timeline import timeline
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import certificates, instances
from workflows.actions.searches import TAB
from workflows.models import AuditEntry, Instance
from workflows.vocabulary.auditing import Category
from workflows.vocabulary.permissions import Permission

AUDIT_ENTRIES = 50  # of one instance; the audit log itself has all


@live.followed
@never_cache
@require_safe
def instance(request: PortalRequest, guid: UUID) -> HttpResponse:
    note = live.asked(request)
    reading = live.begin_reading(note)
    found = instances.visible(guid, actor=request.actor)
    return live.unchanged() if live.has_seen_instance(note, reading, found) else _page(request, found)


@require_safe
def instance_by_reference(request: PortalRequest, reference_id: int) -> HttpResponse:
    """A ReferenceId as somebody types it leads to the page."""
    found = instances.visible(reference_id, actor=request.actor)
    return HttpResponseRedirect(reverse("portal:instance", args=[found.guid]))


@require_safe
def instance_definition(request: PortalRequest, guid: UUID) -> HttpResponse:
    found = instances.visible(guid, actor=request.actor)
    shown = row(found, request.actor)
    steps = shown_steps(found.version, list(found.step_runs.order_by("pk")))
    reads = policies.reads_definitions(request.actor)
    tab = _tab(request)
    review = (_reference(found), reverse("portal:instance", args=[guid]) + (f"?{TAB}={tab}" if tab else ""))
    context = {
        "tab": tab,
        "breadcrumbs": [_way(request), review],
        "instance": shown,
        "definition": head(found.version.definition, found.version),
        "steps": steps if reads else without_configuration(steps),
        "is_whole": reads,
        "drawing": [step.drawn for step in steps],
    }
    return show(request, "workflows/instance_definition.html", context)


def _page(request: PortalRequest, found: Instance) -> HttpResponse:
    steps, runs = steps_of(found.version), list(found.step_runs.order_by("pk"))
    decisions = list(found.decisions.order_by("pk"))
    context = {
        "tab": _tab(request),
        "breadcrumbs": [_way(request)],
        "instance": row(found, request.actor, may_signal=_may_signal(request, found)),
        "since": live.note_of(request, found.pk, live.state_of(found)),
        "runs": timeline(found, steps, runs),
        "signatures": lines(found, steps, decisions, request.actor),
        "data": current_data(found.record.workflow_type, found.data),
        "related": related(found, request.actor),
        "certificate": _certificate(request, found),
        "audit": _audit(request, found),
        "audit_url": audit.url_of_all(Category.WorkflowInstance, found.guid),
    }
    return show(request, "workflows/instance.html", context, status=live.status_for(request, found))


def _tab(request: PortalRequest) -> str:
    """The tab of My Workflows that it was opened from: there it is only looked at. Empty for other pages."""
    tab = tabs.allowed(request.GET.get(TAB, ""), request.actor)
    return tab.name if tab else ""


def _way(request: PortalRequest) -> tuple[Words, str]:
    tab = tabs.named(_tab(request), tabs.TABS)
    if tab is None:
        return way_to_instances(request.actor)
    return tab.label, f"{reverse('portal:my_workflows')}?{TAB}={tab.name}"


def _may_signal(request: PortalRequest, found: Instance) -> bool:
    if not may_sign(request.actor):
        return False
    return Instance.objects.filter(policies.assigned_to(request.actor), pk=found.pk).exists()


def _reference(found: Instance) -> str:
    return _("Reference Id %(number)d") % {"number": found.pk}


def _certificate(request: PortalRequest, found: Instance) -> dict[str, Any] | None:
    """What came of it: the one that was issued, else the one that it is about. `is_open`: its page, too."""
    issued = found.request.certificates.first() if found.request else None
    certificate = issued or found.certificate
    if certificate is None:
        return None
    is_open = certificates.is_visible(certificate, actor=request.actor)
    return {"id": certificate.pk, "subject": certificate.issued_dn, "is_open": is_open}


def _audit(request: PortalRequest, found: Instance) -> list[audit.Entry] | None:
    if not request.actor.may(Permission.AUDITING_READ):
        return None
    rows = policies.restrict(AuditEntry.objects.all(), request.actor, Permission.AUDITING_READ)
    own = rows.filter(immutable_identifier=str(found.guid)).order_by("-pk")[:AUDIT_ENTRIES]
    return audit.entries(own, names=False)
