"""Require Approval: the instance waits until enough people approve, or one denies.

What is approved is bound to its content: the digest of what would be issued or revoked is kept with the wait
and with every decision, and the enroll and revoke steps compare it before they act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from workflows.engine import registry
from workflows.engine.contracts import (
    Continue,
    Decision,
    Outcome,
    Parameter,
    Reject,
    SignalSpec,
    StepContext,
    Wait,
    WaitingStepType,
)
from workflows.engine.expressions.places import Place
from workflows.engine.expressions.rendering import render
from workflows.engine.registry import register_step
from workflows.errors import DomainError, InvalidInput
from workflows.models import InstanceRecord, PendingSignal, Role
from workflows.steps import approval_deadlines as deadlines
from workflows.steps import approval_mails as mails
from workflows.vocabulary import messages
from workflows.vocabulary.parameters import ControlType, ParameterType
from workflows.workflow_types.keys import is_id

log = structlog.get_logger(__name__)

SIGNAL = "ApprovalStatus"


@register_step
class RequireApproval(WaitingStepType):
    extension_name = "RequireApproval"
    display_name = "Require Approval"
    summary = "Waits until enough holders of the chosen roles approve, or one of them denies."
    signals = (
        SignalSpec(
            SIGNAL,
            (
                Parameter("Approved", "Approved", ParameterType.Boolean, ControlType.Checkbox, required=True),
                Parameter("Comment", "Comment", control=ControlType.TextArea),
            ),
        ),
    )
    parameters = (
        Parameter(
            "MinimumApprovals",
            "Minimum approvals",
            ParameterType.Integer,
            ControlType.Number,
            default=1,
            minimum=1,
            maximum=50,
        ),
        *mails.OUTCOMES,
        Parameter(
            "AllowSelfApproval",
            "The requester may approve",
            ParameterType.Boolean,
            ControlType.Checkbox,
            default=False,
        ),
        *mails.APPROVERS,
        *deadlines.PARAMETERS,
    )

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({SIGNAL, mails.COMMENTS})

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        return [*deadlines.problems(parameters), *mails.problems(parameters)]

    def begin(self, context: StepContext) -> Outcome:
        spec = registry.workflow_type(context.instance.workflow_type)
        role_ids = _role_ids(context)
        if context.parameters["NotifyApprovers"]:
            mails.ask(context, Role.objects.filter(pk__in=role_ids), excluded=_own(context))
        return Wait(
            messages.awaiting_approvals(_needed(context)),
            until=deadlines.next_after(context.parameters, context.now, context.now),
            content_digest=spec.content_digest(context.instance, context.data) if spec else "",
            role_ids=role_ids,
            allows_self=bool(context.parameters["AllowSelfApproval"]),
        )

    def tally(self, context: StepContext, decisions: Sequence[Decision]) -> Outcome:
        denial = next((each for each in decisions if not each.approved), None)
        if denial is not None:
            return Reject(messages.rejected_by(denial.user_id or 0))
        left = _needed(context) - len(decisions)
        return Wait(messages.awaiting_approvals(left), until=_next(context)) if left > 0 else Continue()

    def due(self, context: StepContext, wait: Wait) -> Outcome:
        values = context.parameters
        if not (values["ReminderHours"] or values["DeadlineHours"]):
            return wait
        start = deadlines.begun(context)
        deadline = deadlines.deadline_at(values, start)
        if deadline is not None and context.now >= deadline:
            return self._at_deadline(context, wait) if wait.until else wait
        reminder = deadlines.reminder_at(values, start)
        if reminder is not None and context.now >= reminder:
            mails.ask(context, _asked(context), excluded=_own(context), kind="Reminder: ")
        return wait

    def _at_deadline(self, context: StepContext, wait: Wait) -> Outcome:
        if context.parameters["OnDeadline"] == deadlines.DENY:
            return Reject(messages.not_decided_in_time(context.parameters["DeadlineHours"]))
        try:
            role = deadlines.role_of(context.parameters)
        except DomainError as error:
            return _not_escalated(context, wait, str(error))
        deadlines.escalate(context, role)
        mails.ask(context, [role], excluded=_own(context), kind="Escalated: ")
        return replace(wait, until=None)

    def ends_at(self, parameters: Mapping[str, Any], since: datetime) -> datetime | None:
        return deadlines.denied_at(parameters, since)

    def decided(self, context: StepContext, outcome: Outcome, decisions: Sequence[Decision]) -> None:
        mails.tell(context, outcome, decisions)


def _asked(context: StepContext) -> Iterable[Role]:
    pending = PendingSignal.objects.filter(instance=context.instance.id).values("role")
    return Role.objects.filter(pk__in=pending)


def _own(context: StepContext) -> tuple[int | None, ...]:
    """Whose own request it is, so that they may not answer; the engine keeps the same with the signals."""
    if context.parameters["AllowSelfApproval"]:
        return ()
    restarters = InstanceRecord.objects.filter(pk=context.instance.id).values_list("restarted_by", flat=True)
    return (context.instance.initiator_id, *restarters)


def _not_escalated(context: StepContext, wait: Wait, why: str) -> Wait:
    """Those who are asked may still answer, and what they have answered counts; the role is tried again."""
    log.warning("an approval is not escalated", instance=str(context.instance.guid), reason=why)
    message = messages.nobody_to_escalate_to(wait.message, why)
    return replace(wait, message=message, until=context.now + deadlines.AGAIN)


def _next(context: StepContext) -> datetime | None:
    """When to look after the wait again; never once the escalation role is asked."""
    values = context.parameters
    if not (values["ReminderHours"] or values["DeadlineHours"]):
        return None
    start = deadlines.begun(context)
    deadline = deadlines.deadline_at(values, start)
    if deadline is None or context.now < deadline:
        return deadlines.next_after(values, start, context.now)
    is_escalated = values["OnDeadline"] == deadlines.ESCALATE and deadlines.has_escalated(context)
    return None if is_escalated else deadline


def _needed(context: StepContext) -> int:
    return int(context.parameters["MinimumApprovals"] or 1)


def _role_ids(context: StepContext) -> tuple[int, ...]:
    """The roles of the signal, those behind role tokens included; raises InvalidInput when none is left."""
    ids = {role_id for signal in context.step.signals for role_id in signal.role_ids}
    tokens = [token for signal in context.step.signals for token in signal.role_tokens]
    aliases = registry.aliases(context.instance.workflow_type)
    ids |= {_role_id(render(token, context.data, Place.TEXT, aliases)) for token in tokens}
    known = list(Role.objects.filter(pk__in=ids).order_by("pk"))
    enabled = tuple(role.pk for role in known if role.enabled)
    if not enabled:
        raise InvalidInput(_nobody_asked([role.name for role in known]))
    return enabled


def _nobody_asked(disabled: Sequence[str]) -> str:
    if not disabled:
        return "none of its approval roles exists any more; name another role and publish"
    names = ", ".join(disabled)
    return f"its approval roles are disabled ({names}); enable one of them, or name another role and publish"


def _role_id(text: str) -> int:
    role = Role.objects.filter(name__iexact=text.strip()).first()
    if role is None and is_id(text.strip()):
        role = Role.objects.filter(pk=int(text)).first()
    if role is None:
        raise InvalidInput(f"the role token gave '{text}', which is no role")
    return role.pk
