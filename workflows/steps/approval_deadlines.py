"""The clock of an approval: when it reminds, and when it is denied or asks others as well (our addition)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflows.engine.contracts import Parameter, Query, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.expressions.tokens import find_tokens
from workflows.errors import DomainError, InvalidInput
from workflows.models import PendingSignal, Role, StepRun
from workflows.vocabulary.parameters import ControlType, ParameterType

DENY, ESCALATE = "Deny", "Escalate"
MOST = 8760  # hours: a year
AGAIN = timedelta(hours=1)  # until it is tried once more to ask a role that could not be asked


def _hours(name: str, display_name: str, help_text: str) -> Parameter:
    return Parameter(
        name,
        display_name,
        ParameterType.Integer,
        ControlType.Number,
        default=0,
        minimum=0,
        maximum=MOST,
        help=help_text,
    )


PARAMETERS = (
    _hours(
        "ReminderHours", "Reminder after hours", "Then those who may decide get a mail again; 0 for never."
    ),
    _hours("DeadlineHours", "Deadline after hours", "Counted from the beginning of the wait; 0 for none."),
    Parameter(
        "OnDeadline",
        "At the deadline",
        control=ControlType.Select,
        default=DENY,
        choices=(DENY, ESCALATE),
        depends_on={"DeadlineHours": None},
        help="Deny it, or ask the escalation role as well and go on waiting.",
    ),
    Parameter(
        "EscalationRole",
        "Escalation role",
        default="",
        place=Place.TEXT,
        depends_on={"OnDeadline": ESCALATE},
        query=Query("/Security/Roles", "Name"),
        help="The name of a role.",
    ),
)


def problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the parameters taken together, each as the end of a sentence."""
    reminder, deadline, role = values["ReminderHours"], values["DeadlineHours"], values["EscalationRole"]
    found = []
    if deadline and reminder >= deadline:
        found.append("must have ReminderHours below DeadlineHours.")
    if deadline and values["OnDeadline"] == ESCALATE and not role:
        found.append("needs EscalationRole, because it escalates at the deadline.")
    if role and not find_tokens(role) and (why := _obstacle(_named(role))):
        found.append(f"names the escalation role '{role}', which {why}; name one that can be asked.")
    return found


def role_of(values: Mapping[str, Any]) -> Role:
    """The role to ask at the deadline; raises DomainError that says why there is none."""
    name = values["EscalationRole"]
    role = _named(name)
    if role is None or not role.enabled:
        raise InvalidInput(f"the escalation role '{name}' {_obstacle(role)}")
    return role


def begun(context: StepContext) -> datetime:
    """When the wait of a resumed step began."""
    return _run(context).started_at


def reminder_at(values: Mapping[str, Any], start: datetime) -> datetime | None:
    return _after(values["ReminderHours"], start)


def deadline_at(values: Mapping[str, Any], start: datetime) -> datetime | None:
    return _after(values["DeadlineHours"], start)


def denied_at(values: Mapping[str, Any], start: datetime) -> datetime | None:
    """When the wait ends by itself; an escalation goes on waiting."""
    return deadline_at(values, start) if values["OnDeadline"] == DENY else None


def next_after(values: Mapping[str, Any], start: datetime, now: datetime) -> datetime | None:
    """The next time at which somebody must look after the wait; a deadline that has passed is due at once."""
    reminder = reminder_at(values, start)
    return reminder if reminder and now < reminder else deadline_at(values, start)


def escalate(context: StepContext, role: Role) -> None:
    """Let the role decide as well, on the conditions of those who could before."""
    waiting = PendingSignal.objects.filter(instance=context.instance.id).first()
    if waiting is not None and not _is_asked(context, role):
        waiting.pk, waiting.role = None, role
        waiting.save(force_insert=True)
        run = _run(context)
        run.role_ids = [*(run.role_ids or []), role.pk]
        run.save(update_fields=["role_ids"])


def has_escalated(context: StepContext) -> bool:
    """Whether the escalation role is asked; what keeps it from being asked may pass."""
    try:
        return _is_asked(context, role_of(context.parameters))
    except DomainError:
        return False


def _is_asked(context: StepContext, role: Role) -> bool:
    return PendingSignal.objects.filter(instance=context.instance.id, role=role).exists()


def _run(context: StepContext) -> StepRun:
    """The line of history of the wait."""
    runs = StepRun.objects.filter(instance=context.instance.id, step_name=context.step.unique_name)
    return runs.order_by("-id").only("started_at", "role_ids")[0]


def _named(name: str) -> Role | None:
    return Role.objects.filter(name__iexact=name.strip()).first()


def _obstacle(role: Role | None) -> str:
    """Why nobody can be asked, as the end of a sentence about the role; empty where somebody can."""
    if role is None:
        return "does not exist"
    return "" if role.enabled else "is disabled"


def _after(hours: int, start: datetime) -> datetime | None:
    return start + timedelta(hours=hours) if hours else None
