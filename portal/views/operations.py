"""Stop, Restart and Delete of one instance, after Confirm Operation has said what will happen (seed 001)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.instance_searches import way_back
from portal.messages import status_of
from portal.navigation import way_to_instances
from portal.operations import DELETE, RESTART, STOP, Operation
from portal.presenters.awaited import awaited_words
from portal.presenters.instances import row
from portal.presenters.restarts import restarts
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import instances
from workflows.errors import InvalidInput, NotFound, PermissionMissing, WrongState
from workflows.models import Instance
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

_NUMBER = re.compile(r"[0-9]{1,9}")
_SUSPENDED = gettext_lazy("This one ends as Canceled for restart.")

View = Callable[[PortalRequest, UUID], HttpResponse]


def _confirmed(operation: Operation, carry_out: View) -> View:
    """GET asks, POST carries out; what cannot be done (any more) is said on the same page."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: PortalRequest, guid: UUID) -> HttpResponse:
        policies.require(request.actor, Permission.WORKFLOW_INSTANCES_MANAGE)
        if request.method != "POST":
            return _page(request, guid, operation)
        try:
            return carry_out(request, guid)
        except WrongState as error:
            return _page(request, guid, operation, refusal=str(error), status=status_of(error))
        except InvalidInput as error:
            return _page(request, guid, operation, problem=str(error), status=status_of(error))

    return view


def _stop(request: PortalRequest, guid: UUID) -> HttpResponse:
    instances.stop(guid, actor=request.actor)
    messages.success(request, _("The instance is stopped."))
    return _to_list(request) if _came_from_list(request) else _to_instance(request, guid)


def _restart(request: PortalRequest, guid: UUID) -> HttpResponse:
    new = instances.restart(guid, actor=request.actor, version=_version(request))
    if _came_from_list(request):
        there = reverse("portal:instance", args=[new.guid])
        link = format_html('<a href="{}">{}</a>', there, _reference(new))
        messages.success(request, format_html("{} {}.", _("Restarted; the new instance is"), link))
        return _to_list(request)
    messages.success(request, _("Restarted; this is the new instance, %(name)s.") % {"name": _reference(new)})
    return _to_instance(request, new.guid)


def _delete(request: PortalRequest, guid: UUID) -> HttpResponse:
    instances.delete(guid, actor=request.actor)
    messages.success(request, _("The instance is deleted."))
    return _to_list(request)


stop = _confirmed(STOP, _stop)
restart = _confirmed(RESTART, _restart)
delete = _confirmed(DELETE, _delete)


def _version(request: PortalRequest) -> int | None:
    """The version that was chosen; none where there was nothing to choose. Raises InvalidInput."""
    given = request.POST.get("version", "").strip()
    if given and not _NUMBER.fullmatch(given):
        raise InvalidInput(_("“%(given)s” is no version; choose one of these.") % {"given": given[:40]})
    return int(given) if given else None


def _reference(found: Instance) -> str:
    return _("Reference Id %(number)d") % {"number": found.pk}


def _page(
    request: PortalRequest,
    guid: UUID,
    operation: Operation,
    *,
    refusal: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    found = instances.visible(guid, actor=request.actor)
    refusal = refusal or operation.refusal(found)
    is_restart = operation is RESTART and not refusal
    to_instance = reverse("portal:instance", args=[guid])
    context = {
        "breadcrumbs": [way_to_instances(request.actor), (_reference(found), to_instance)],
        "instance": row(found, request.actor),
        "operation": operation,
        "consequences": _consequences(operation, found),
        "url": request.path,
        "refusal": refusal,
        "problem": problem,
        "versions": restarts(found, request.actor) if is_restart else [],
        "back": _given(request).get("back"),
        "cancel_url": way_back(_given(request)) if _came_from_list(request) else to_instance,
    }
    return show(request, "workflows/confirm.html", context, status=status)


def _consequences(operation: Operation, found: Instance) -> list[Any]:
    is_canceled = operation is RESTART and found.status == InstanceStatus.Suspended
    canceled = [_SUSPENDED] if is_canceled else []
    return [*operation.consequences, *canceled, *awaited_words(operation, [found])]


def _to_instance(request: PortalRequest, guid: UUID) -> HttpResponse:
    """To the instance; to a list where the person may not see it, as when it waits for him no longer."""
    try:
        instances.visible(guid, actor=request.actor)
    except (PermissionMissing, NotFound):
        return _to_list(request)
    return HttpResponseRedirect(reverse("portal:instance", args=[guid]))


def _to_list(request: PortalRequest) -> HttpResponse:
    if _came_from_list(request):
        return HttpResponseRedirect(way_back(_given(request)))
    return HttpResponseRedirect(way_to_instances(request.actor)[1])


def _came_from_list(request: PortalRequest) -> bool:
    """Whether the list of all instances was left for this."""
    return "back" in _given(request) and request.actor.may(Permission.WORKFLOW_INSTANCES_READ)


def _given(request: PortalRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET
