"""Workflow Signal Review: one decision of one person, bound to the content that the page showed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.forms.signals import SignalForm
from portal.messages import status_of
from portal.presenters.current_data import current_data
from portal.presenters.instances import row
from portal.presenters.key_facts import key_facts
from portal.presenters.next_steps import next_steps
from portal.presenters.signatures import lines, quorum
from portal.presenters.steps import steps_of
from portal.requests import PortalRequest
from workflows.actions import approvals, instances
from workflows.actions.asked import asked
from workflows.errors import DomainError, InvalidSignal, NotFound, PermissionMissing, WrongState
from workflows.models import Instance


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: PortalRequest, guid: UUID) -> HttpResponse:
    if request.method == "POST":
        return _decide(request, guid)
    instance = _reachable(request, guid)
    return _page(request, instance, {"stale": _stale(instance)})


def _decide(request: PortalRequest, guid: UUID) -> HttpResponse:
    form = SignalForm(request.POST)
    if not form.is_valid():
        instance = _reachable(request, guid)
        why = {"error": form.problem, "comment": request.POST.get("Comment", "")}
        return _page(request, instance, why, status=400)
    try:
        approvals.signal(guid, form.cleaned_data["SignalKey"], form.data_of_signal, actor=request.actor)
    except InvalidSignal as error:
        return _again(request, guid, {"error": str(error)}, status=status_of(error))
    except WrongState as error:
        return _again(request, guid, {"stale": str(error)}, status=status_of(error))
    approved = form.cleaned_data["Approved"] == "True"
    messages.success(request, _("Your approval is recorded.") if approved else _("You denied the request."))
    return HttpResponseRedirect(f"{reverse('portal:my_workflows')}?tab=assigned")


def _reachable(request: PortalRequest, guid: UUID) -> Instance:
    """As for the answer: who opens a mail late learns who decided. Raises PermissionMissing, NotFound."""
    try:
        return approvals.reachable(guid, actor=request.actor)
    except NotFound:
        return instances.visible(guid, actor=request.actor)


def _again(request: PortalRequest, guid: UUID, why: dict[str, Any], *, status: int) -> HttpResponse:
    """The page with what was typed and how things stand now, also for those who came too late."""
    instance = approvals.reachable(guid, actor=request.actor)
    return _page(request, instance, {"comment": request.POST.get("Comment", ""), **why}, status=status)


def _page(
    request: PortalRequest, instance: Instance, why: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    steps = steps_of(instance.version)
    decisions = list(instance.decisions.order_by("pk"))
    count = quorum(instance, steps, decisions)
    context = {
        "breadcrumbs": [(_("My Workflows"), reverse("portal:my_workflows"))],
        "instance": row(instance, request.actor),
        "may_read": _may_read(request, instance),
        "facts": key_facts(instance, timezone.now()),
        "signal": {
            "key": f"{instance.step_name}.{_signal_name(instance)}",
            "content_hash": _digest(instance),
            "given": count.given,
            "needed": count.needed,
            "remaining": count.remaining,
            "why_not": approvals.why_not(instance, actor=request.actor),
        },
        "next_steps": next_steps(steps, instance.step_name),
        "signatures": lines(instance, steps, decisions, request.actor),
        "data": current_data(instance.record.workflow_type, instance.data),
        **why,
    }
    return show(request, "workflows/review.html", context, status=status)


def _may_read(request: PortalRequest, instance: Instance) -> bool:
    """Whether the pages about the instance are open, too: who was only asked loses them with his answer."""
    try:
        instances.visible(instance.guid, actor=request.actor)
    except (NotFound, PermissionMissing):
        return False
    return True


def _signal_name(instance: Instance) -> str:
    return next((signal.signal_name for signal in asked(instance).signals), "")


def _digest(instance: Instance) -> str:
    """Of what would be done now; empty where that cannot be made out, and then nothing is signed either."""
    try:
        return approvals.live_digest(instance)
    except DomainError:
        return ""


def _stale(instance: Instance) -> str:
    """A warning when the template was changed since the step began to wait."""
    run = approvals.waiting_run(instance)
    if run is None or run.content_digest == _digest(instance):
        return ""
    return _(
        "The template was changed since this approval began, so what was asked is not what would be issued. "
        "An approval is refused; have the instance restarted, or deny it."
    )
