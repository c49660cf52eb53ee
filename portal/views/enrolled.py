"""The page that follows what becomes of an enrollment."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import live
from portal.context import show
from portal.navigation import sees_own
from portal.presenters import enrollments
from portal.presenters.instances import row
from portal.presenters.signatures import lines
from portal.presenters.steps import steps_of
from portal.requests import PortalRequest
from workflows.actions import certificates, enrollment
from workflows.actions.enrollment import Enrolled


@live.followed
@never_cache
@require_safe
def enroll_complete(request: PortalRequest, guid: UUID) -> HttpResponse:
    note = live.asked(request)
    reading = live.begin_reading(note)
    enrolled = enrollment.own(guid, actor=request.actor)
    if successor := enrolled.successor:
        return HttpResponseRedirect(reverse("portal:enroll_complete", args=[successor.guid]))
    if live.has_seen_instance(note, reading, enrolled.instance):
        return live.unchanged()
    return _complete(request, enrolled)


def _complete(request: PortalRequest, enrolled: Enrolled) -> HttpResponse:
    instance = enrolled.instance
    steps, decisions = steps_of(instance.version), list(instance.decisions.order_by("pk"))
    certificate = enrolled.certificate
    mine = f"{reverse('portal:my_workflows')}?tab=created" if sees_own(request.actor) else ""
    context = {
        "breadcrumbs": [(_("My Workflows"), mine)] if mine else [],
        "mine_url": mine,
        "enrollment": enrollments.summary(enrolled, certificate),
        "again_url": reverse("portal:enroll_pfx" if enrolled.request.is_pfx else "portal:enroll_csr"),
        "instance": row(instance, request.actor),
        "since": live.note_of(request, instance.pk, live.state_of(instance)),
        "signatures": lines(instance, steps, decisions, request.actor),
        "certificate": enrollments.issued(certificate) if certificate else None,
        "may_pick_up": certificate is not None and certificates.may_recover(certificate, actor=request.actor),
        "downloads": enrollments.downloads(certificate, instance.data) if certificate else [],
    }
    return show(request, "enroll/complete.html", context, status=live.status_for(request, instance))
