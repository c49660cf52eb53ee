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
from django.views.decorators.http import require_http_methods, require_safe

from portal.context import show
from portal.forms.signals import SignalForm
from portal.messages import status_of
from portal.presenters.current_data import current_data
from portal.presenters.instances import row
from portal.presenters.key_facts import key_facts
from portal.presenters.next_steps import next_steps
from portal.presenters.related import successor
from portal.presenters.signatures import Quorum, lines, quorum
from portal.presenters.steps import steps_of
from portal.requests import PortalRequest
from workflows.access.actors import Actor
from workflows.actions import approvals, instances
from workflows.actions.asked import asked
from workflows.errors import DomainError, InvalidSignal, NotFound, PermissionMissing, WrongState
from workflows.models import Instance
from workflows.models.instances import InstanceName
from workflows.vocabulary.statuses import FINISHED, InstanceStatus


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: PortalRequest, guid: UUID) -> HttpResponse:
    if request.method == "POST":
        return _decide(request, guid)
    return _page(request, guid)


@require_safe
def review_by_reference(request: PortalRequest, reference_id: int) -> HttpResponse:
    """A ReferenceId as somebody types it leads to the page."""
    found, _may_read = _found(request, reference_id)
    return HttpResponseRedirect(reverse("portal:review", args=[found.guid]))


def _decide(request: PortalRequest, guid: UUID) -> HttpResponse:
    form = SignalForm(request.POST)
    if not form.is_valid():
        why = {"error": form.problem, "comment": request.POST.get("Comment", "")}
        return _page(request, guid, why, status=400)
    try:
        approvals.signal(guid, form.cleaned_data["SignalKey"], form.data_of_signal, actor=request.actor)
    except InvalidSignal as error:
        return _again(request, guid, {"error": str(error)}, status=status_of(error))
    except WrongState as error:
        return _again(request, guid, {"stale": str(error)}, status=status_of(error))
    approved = form.cleaned_data["Approved"] == "True"
    messages.success(request, _("Your approval is recorded.") if approved else _("You denied the request."))
    return HttpResponseRedirect(f"{reverse('portal:my_workflows')}?tab=assigned")


def _again(request: PortalRequest, guid: UUID, why: dict[str, Any], *, status: int) -> HttpResponse:
    """The page with what was typed and how things stand now."""
    return _page(request, guid, {"comment": request.POST.get("Comment", ""), **why}, status=status)


def _found(request: PortalRequest, name: InstanceName) -> tuple[Instance, bool]:
    """The instance, and whether the pages about it are open, too: who is only asked loses them with the end.

    Who opens a mail late learns who decided, and gets no 404. Raises PermissionMissing, NotFound.
    """
    try:
        return instances.visible(name, actor=request.actor), True
    except (PermissionMissing, NotFound) as refusal:
        try:
            return approvals.reachable(name, actor=request.actor), False
        except NotFound:
            raise refusal from None


def _page(
    request: PortalRequest, guid: UUID, why: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """`why` it is shown again; when it is opened, why an approval would be refused."""
    instance, may_read = _found(request, guid)
    why = {"stale": _stale(instance)} if why is None else why
    steps = steps_of(instance.version)
    decisions = list(instance.decisions.order_by("pk"))
    is_over = instance.status in FINISHED
    context = {
        "breadcrumbs": [(_("My Workflows"), reverse("portal:my_workflows"))],
        "instance": row(instance, request.actor),
        "may_read": may_read,
        "facts": key_facts(instance, timezone.now()),
        "signal": _signal(instance, quorum(instance, steps, decisions), request.actor),
        "is_over": is_over,
        "successor": successor(instance, request.actor) if is_over else None,
        "next_steps": [] if is_over else next_steps(steps, instance.step_name, request.actor),
        "signatures": lines(instance, steps, decisions, request.actor),
        "data": current_data(instance.record.workflow_type, instance.data),
        **why,
    }
    return show(request, "workflows/review.html", context, status=status)


def _signal(instance: Instance, count: Quorum, actor: Actor) -> dict[str, Any]:
    return {
        "key": f"{instance.step_name}.{_signal_name(instance)}",
        "content_hash": _digest(instance),
        "waits": instance.status == InstanceStatus.Suspended,
        "given": count.given,
        "needed": count.needed,
        "remaining": count.remaining,
        "why_not": approvals.why_not(instance, actor=actor),
    }


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
    run = approvals.waiting_run(instance) if instance.status == InstanceStatus.Suspended else None
    if run is None or run.content_digest == _digest(instance):
        return ""
    return _(
        "The template was changed since this approval began, so what was asked is not what would be issued. "
        "An approval is refused; have the instance restarted, or deny it."
    )
