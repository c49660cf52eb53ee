"""pkilint's findings in what an enrollment would issue: a part of the review page that comes after it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.context import show
from portal.presenters.lint import lines
from portal.requests import PortalRequest
from workflows.actions import approvals, rehearsal
from workflows.errors import DomainError, NotFound


@require_safe
def lint(request: PortalRequest, guid: UUID) -> HttpResponse:
    """A page of its own without JavaScript, the fragment of it otherwise."""
    instance = approvals.reachable(guid, actor=request.actor)
    if instance.request is None:
        raise NotFound(_("This workflow issues no certificate."))
    try:
        found, error = lines(rehearsal.opinion(instance.request, instance.data)), ""
    except DomainError as refusal:
        found, error = [], str(refusal)
    context = {
        "breadcrumbs": [
            (_("My Workflows"), reverse("portal:my_workflows")),
            (instance.record.title, reverse("portal:review", args=[guid])),
        ],
        "title": instance.record.title,
        "lint": found,
        "error": error,
    }
    return show(request, "workflows/lint.html", context)
