"""Who signed and who is still to sign, as lines of a form (components/signatures.html)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from portal.presenters.steps import Step
from workflows.access.actors import Actor
from workflows.actions.restarters import restarted_by
from workflows.models import Instance, SignalDecision
from workflows.vocabulary.statuses import InstanceStatus


@dataclass(frozen=True)
class Line:
    verdict: str  # requested, restarted, approved, denied or open
    label: str
    name: str = ""
    at: datetime | None = None
    comment: str = ""
    roles: tuple[str, ...] = ()
    is_mine: bool = False


@dataclass(frozen=True)
class Quorum:
    """How many approvals the step where an instance waits has and needs."""

    given: int
    needed: int

    @property
    def remaining(self) -> int:
        return max(self.needed - self.given, 1)


def quorum(instance: Instance, steps: Mapping[str, Step], decisions: Sequence[SignalDecision]) -> Quorum:
    """Of the step where the instance stands."""
    given = sum(each.approved for each in decisions if each.step_name == instance.step_name)
    return Quorum(given, needed_at(steps.get(instance.step_name)))


def needed_at(step: Step | None) -> int:
    """How many approvals a step asks for (D9)."""
    return int(step.parameters.get("MinimumApprovals") or 1) if step else 1


def lines(
    instance: Instance, steps: Mapping[str, Step], decisions: Sequence[SignalDecision], actor: Actor
) -> list[Line]:
    """Request, restart, decisions in their order, and what is awaited now."""
    return [
        *_beginning(instance),
        *_decided(steps, decisions),
        *_awaited(instance, quorum(instance, steps, decisions), decisions, actor),
    ]


def _beginning(instance: Instance) -> Iterator[Line]:
    record = instance.record
    yield Line("requested", _("Requested by"), record.initiating_user_name, instance.started_at)
    name = restarted_by(instance) or (_("an operator") if record.restarted_from_id is not None else "")
    if name:
        yield Line("restarted", _("Restarted by"), name, instance.started_at)


def _decided(steps: Mapping[str, Step], decisions: Sequence[SignalDecision]) -> Iterator[Line]:
    given: dict[str, int] = {}
    for each in decisions:
        given[each.step_name] = given.get(each.step_name, 0) + 1
        verdict = "approved" if each.approved else "denied"
        label = _label(given[each.step_name], needed_at(steps.get(each.step_name)))
        yield Line(verdict, label, each.user_name, each.decided_at, each.comment)


def _awaited(
    instance: Instance, quorum: Quorum, decisions: Sequence[SignalDecision], actor: Actor
) -> Iterator[Line]:
    if instance.status != InstanceStatus.Suspended:
        return
    asked = {signal.role_id: signal.role.name for signal in instance.pending_signals.select_related("role")}
    is_mine = bool(actor.role_ids & asked.keys()) and not _answered(instance, decisions, actor)
    for number in range(quorum.given + 1, quorum.needed + 1):
        mine = is_mine and number == quorum.given + 1
        roles = tuple(sorted(asked.values()))
        yield Line("open", _label(number, quorum.needed), roles=roles, is_mine=mine)


def _answered(instance: Instance, decisions: Sequence[SignalDecision], actor: Actor) -> bool:
    return any(each.step_name == instance.step_name and each.user_id == actor.user_id for each in decisions)


def _label(number: int, needed: int) -> str:
    return _("Approval %(number)d of %(needed)d") % {"number": number, "needed": needed}
