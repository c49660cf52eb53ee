"""Pages that follow a running instance: they ask every few seconds, and mostly hear that nothing is new."""

from __future__ import annotations

from django.http import HttpResponse

from portal.presenters.instances import LIVE, change_of
from portal.requests import PortalRequest
from workflows.models import Instance

UNCHANGED = 204
FINISHED = 286  # htmx shows the answer and stops asking


def nothing_new(request: PortalRequest, instance: Instance) -> HttpResponse | None:
    """The empty answer to a page that has seen this state of the instance already."""
    is_known = _is_asking(request) and request.GET["since"] == change_of(instance.modified_at)
    return HttpResponse(status=UNCHANGED) if is_known else None


def status_for(request: PortalRequest, instance: Instance) -> int:
    """The status of a page about the instance: it ends the asking once nothing can follow."""
    return FINISHED if _is_asking(request) and instance.status not in LIVE else 200


def _is_asking(request: PortalRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and "since" in request.GET
