"""Stop, Restart and Delete of one instance, after Confirm Operation has said what will happen (seed 001)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.messages import status_of
from portal.navigation import way_to_instances
from portal.operations import DELETE, RESTART, STOP, Operation
from portal.presenters.instances import row
from portal.presenters.restarts import restarts
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import instances
from workflows.errors import InvalidInput, NotFound, PermissionMissing, WrongState
from workflows.models import Instance
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

_SUSPENDED = gettext_lazy("This one ends as Canceled for restart.")

View = Callable[[PortalRequest, UUID], HttpResponse]


def _confirmed(operation: Operation, carry_out: View) -> View:
    """GET asks, POST carries out; what cannot be done any more is said on the same page."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: PortalRequest, guid: UUID) -> HttpResponse:
        policies.require(request.actor, Permission.WORKFLOW_INSTANCES_MANAGE)
        if request.method != "POST":
            return _page(request, guid, operation)
        try:
            return carry_out(request, guid)
        except (WrongState, InvalidInput) as error:
            return _page(request, guid, operation, refusal=str(error), status=status_of(error))

    return view


def _stop(request: PortalRequest, guid: UUID) -> HttpResponse:
    instances.stop(guid, actor=request.actor)
    messages.success(request, _("The instance is stopped."))
    return _to_instance(request, guid)


def _restart(request: PortalRequest, guid: UUID) -> HttpResponse:
    version = request.POST.get("version", "")
    new = instances.restart(guid, actor=request.actor, version=int(version) if version.isdecimal() else None)
    messages.success(
        request, _("Restarted; this is the new instance, Reference Id %(number)d.") % {"number": new.pk}
    )
    return _to_instance(request, new.guid)


def _delete(request: PortalRequest, guid: UUID) -> HttpResponse:
    instances.delete(guid, actor=request.actor)
    messages.success(request, _("The instance is deleted."))
    return _to_list(request)


stop = _confirmed(STOP, _stop)
restart = _confirmed(RESTART, _restart)
delete = _confirmed(DELETE, _delete)


def _page(
    request: PortalRequest, guid: UUID, operation: Operation, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    found = instances.visible(guid, actor=request.actor)
    refusal = refusal or operation.refusal(found)
    is_restart = operation is RESTART and not refusal
    context = {
        "breadcrumbs": [way_to_instances(request.actor)],
        "instance": row(found, request.actor),
        "operation": operation,
        "consequences": _consequences(operation, found),
        "url": request.path,
        "refusal": refusal,
        "versions": restarts(found, request.actor) if is_restart else [],
        "cancel_url": reverse("portal:instance", args=[guid]),
    }
    return show(request, "workflows/confirm.html", context, status=status)


def _consequences(operation: Operation, found: Instance) -> list[Any]:
    is_canceled = operation is RESTART and found.status == InstanceStatus.Suspended
    return [*operation.consequences, *([_SUSPENDED] if is_canceled else [])]


def _to_instance(request: PortalRequest, guid: UUID) -> HttpResponse:
    """To the instance; to a list where the person may not see it, as when it waits for him no longer."""
    try:
        instances.visible(guid, actor=request.actor)
    except (PermissionMissing, NotFound):
        return _to_list(request)
    return HttpResponseRedirect(reverse("portal:instance", args=[guid]))


def _to_list(request: PortalRequest) -> HttpResponse:
    return HttpResponseRedirect(way_to_instances(request.actor)[1])
