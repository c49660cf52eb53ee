"""Stop, Restart and Delete, each after Confirm Operation has said what will happen (seed 001)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.messages import status_of
from portal.presenters.instances import row
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import instances
from workflows.errors import InvalidInput, WrongState
from workflows.models import Instance
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

Words = str | Promise


@dataclass(frozen=True)
class Operation:
    """What `workflows/confirm.html` says about one operation."""

    name: str
    question: Words
    consequences: tuple[Words, ...]
    submit_label: Words
    is_destructive: bool
    check: Callable[[Instance], object]  # raises WrongState when it cannot be done as the instance stands
    url: str = ""
    refusal: str = ""


STOP = Operation(
    "stop",
    gettext_lazy("Stop this instance?"),
    (
        gettext_lazy("It ends as Rejected and cannot go on; nobody can approve it any more."),
        gettext_lazy("Approvals that were given stay in its record."),
        gettext_lazy("It can be restarted afterwards."),
    ),
    gettext_lazy("OK, stop it"),
    is_destructive=True,
    check=instances.check_stoppable,
)
RESTART = Operation(
    "restart",
    gettext_lazy("Restart this instance?"),
    (
        gettext_lazy("A new instance begins at the first step, with the data of the original request."),
        gettext_lazy("Approvals must be given again; you cannot give one yourself."),
        gettext_lazy("Both instances name each other."),
    ),
    gettext_lazy("OK, restart it"),
    is_destructive=False,
    check=instances.restart_versions,
)
DELETE = Operation(
    "delete",
    gettext_lazy("Delete this instance?"),
    (
        gettext_lazy("Its data and its history are removed for ever; the audit log keeps an entry."),
        gettext_lazy("Requests and certificates stay."),
    ),
    gettext_lazy("OK, delete it"),
    is_destructive=True,
    check=instances.check_deletable,
)
_SUSPENDED = gettext_lazy("This one ends as Canceled for restart.")

View = Callable[[PortalRequest, UUID], HttpResponse]


def _confirmed(operation: Operation, carry_out: Callable[[PortalRequest, UUID], HttpResponse]) -> View:
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
            return _page(request, guid, replace(operation, refusal=str(error)), status=status_of(error))

    return view


def _stop(request: PortalRequest, guid: UUID) -> HttpResponse:
    instances.stop(guid, actor=request.actor)
    messages.success(request, _("The instance is stopped."))
    return _to_instance(guid)


def _restart(request: PortalRequest, guid: UUID) -> HttpResponse:
    version = request.POST.get("version", "")
    new = instances.restart(guid, actor=request.actor, version=int(version) if version.isdecimal() else None)
    messages.success(
        request, _("Restarted; this is the new instance, Reference Id %(number)d.") % {"number": new.pk}
    )
    return _to_instance(new.guid)


def _delete(request: PortalRequest, guid: UUID) -> HttpResponse:
    instances.delete(guid, actor=request.actor)
    messages.success(request, _("The instance is deleted."))
    return HttpResponseRedirect(reverse("portal:instances"))


stop = _confirmed(STOP, _stop)
restart = _confirmed(RESTART, _restart)
delete = _confirmed(DELETE, _delete)


def _page(request: PortalRequest, guid: UUID, operation: Operation, *, status: int = 200) -> HttpResponse:
    found = instances.visible(guid, actor=request.actor)
    operation = replace(operation, url=request.path, refusal=operation.refusal or _refusal(found, operation))
    versions = _versions(found) if operation.name == "restart" and not operation.refusal else []
    if versions and found.status == InstanceStatus.Suspended:
        operation = replace(operation, consequences=(*operation.consequences, _SUSPENDED))
    context = {
        "breadcrumbs": [(_("Workflow Instances"), reverse("portal:instances"))],
        "instance": row(found, request.actor),
        "operation": operation,
        "versions": versions if len(versions) > 1 else [],
        "cancel_url": reverse("portal:instance", args=[guid]),
    }
    return show(request, "workflows/confirm.html", context, status=status)


def _refusal(found: Instance, operation: Operation) -> str:
    try:
        operation.check(found)
    except WrongState as error:
        return str(error)
    return ""


def _versions(found: Instance) -> list[dict[str, Any]]:
    return [
        {
            "number": version.number,
            "label": _("Version %(number)d") % {"number": version.number},
            "hint": _("published now") if place == 0 else _("the one it began with"),
            "is_default": place == 0,
        }
        for place, version in enumerate(instances.restart_versions(found))
    ]


def _to_instance(guid: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:instance", args=[guid]))
