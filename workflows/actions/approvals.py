"""Approving and denying: the one path for API, portal and scripts (D14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access.actors import Actor
from workflows.actions.reaching import reachable_among
from workflows.engine import registry, signals
from workflows.engine.signals import Answer, Question
from workflows.engine.standing import standing
from workflows.engine.states import State
from workflows.errors import ContentChanged, InvalidSignal, NotFound, SignalForbidden
from workflows.models import Instance, StepRun
from workflows.models.instances import InstanceName, instance_named
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.statuses import InstanceStatus

MAXIMUM_COMMENT = 4000  # characters; a reason, not a document
_TRUTHS = {"true": True, "false": False}
_TEXTS = ("comment", "contenthash")
_UNREAD = ("data", "record__initial_data")  # large, and read only once the row is locked


@dataclass(frozen=True, slots=True)
class _Key:
    """`<StepUniqueName>.<SignalName>`."""

    step_name: str
    signal_name: str


def signal(name: InstanceName, key: str, data: Mapping[str, Any], *, actor: Actor) -> None:
    """Send a signal as clients do (POST …/Signals): `key` names step and signal, `data` the decision.

    Raises InvalidSignal, NotFound, SignalForbidden, WrongState, AlreadyDecided, ContentChanged.
    """
    parsed = _parse_key(key)
    approved, comment, shown = _parse_data(data)
    with transaction.atomic():
        instance = _reachable(Instance.objects.select_related("record").defer(*_UNREAD), name, actor)
        question = signals.ask(instance, parsed.step_name, parsed.signal_name, actor=actor)
        answer = Answer(approved, comment, _current_digest(question, shown, approved))
        signals.accept(question, answer, now=timezone.now())
        _audit(instance, question, answer)


def approve(
    name: InstanceName, *, actor: Actor, step_name: str, comment: str = "", content_digest: str = ""
) -> None:
    """Approve what the waiting step asks; `content_digest` is what the form showed."""
    data = {"Approved": True, "Comment": comment, "ContentHash": content_digest}
    signal(name, f"{step_name}.ApprovalStatus", data, actor=actor)


def deny(name: InstanceName, *, actor: Actor, step_name: str, comment: str = "") -> None:
    """Deny it, which ends the instance as Rejected."""
    signal(name, f"{step_name}.ApprovalStatus", {"Approved": False, "Comment": comment}, actor=actor)


def why_not(instance: Instance, *, actor: Actor) -> str:
    """Why the actor cannot answer the step where the instance waits, in words; empty when he can."""
    if instance.status != InstanceStatus.Suspended:
        return standing(instance)
    if instance.decisions.filter(step_name=instance.step_name, user=actor.user_id).exists():
        return "You have answered this step already; each person answers once."
    signal_name = next(iter(instance.pending_signals.values_list("signal_name", flat=True)), "")
    try:
        signals.check_may_answer(instance, signal_name, actor)
    except SignalForbidden as refusal:
        return str(refusal)
    return ""


def waiting_run(instance: Instance) -> StepRun | None:
    """The history row of the step where the instance waits; its digest is what a form must carry."""
    return StepRun.objects.filter(pk=instance.run_id or 0, instance=instance).first()


def live_digest(state_or_instance: State | Instance) -> str:
    """Digest of what would be issued or revoked if the workflow went on now; empty for other types."""
    facts = signals.facts_of(state_or_instance)
    spec = registry.workflow_type(facts.workflow_type)
    return spec.content_digest(facts, state_or_instance.data) if spec else ""


def reachable(name: InstanceName, *, actor: Actor) -> Instance:
    """The instance, if the actor may see it or is or was asked by it (D19). Raises NotFound."""
    return _reachable(Instance.objects.select_related("record", "version__definition"), name, actor)


def _reachable(rows: QuerySet[Instance], name: InstanceName, actor: Actor) -> Instance:
    found = reachable_among(rows.filter(instance_named(name)), actor)
    if not found:
        raise NotFound(f"There is no workflow instance with id {name}, or it is not among those you may see.")
    return found[0]


def _parse_key(key: str) -> _Key:
    step_name, dot, signal_name = key.rpartition(".")
    if not (dot and step_name and signal_name):
        raise InvalidSignal(
            "SignalKey must be <StepUniqueName>.<SignalName>, such as Approve1.ApprovalStatus."
        )
    return _Key(step_name, signal_name)


def _parse_data(data: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Approved (a boolean or its name), Comment and ContentHash, names without case (D13)."""
    values = {name.casefold(): value for name, value in data.items()}
    if len(values) < len(data):
        raise InvalidSignal("Data has two values under names that differ in case only; give each once.")
    approved = values.get("approved")
    if isinstance(approved, str):
        approved = _TRUTHS.get(approved.strip().casefold())
    if not isinstance(approved, bool):
        raise InvalidSignal('Data needs Approved: "True" or "False".')
    comment, shown = ("" if (value := values.get(name)) is None else value for name in _TEXTS)
    if not isinstance(comment, str) or not isinstance(shown, str):
        raise InvalidSignal("Comment and ContentHash must be text.")
    if len(comment) > MAXIMUM_COMMENT:
        raise InvalidSignal(f"Comment has at most {MAXIMUM_COMMENT} characters.")
    return approved, comment.strip(), shown


def _current_digest(question: Question, shown: str, approved: bool) -> str:
    """The digest that the decision is bound to; an approval of content that has changed is refused."""
    digest = live_digest(question.state)
    if not approved:
        return digest
    if shown and shown != digest:
        raise ContentChanged("What you saw is not what would be done any more; look at the request again.")
    if question.content_digest != digest:
        raise ContentChanged(
            "The template was changed since this approval began, so what was asked is not what would be "
            "issued. Have the instance restarted."
        )
    return digest


def _audit(instance: Instance, question: Question, answer: Answer) -> None:
    audit.record(
        Operation.Approved if answer.approved else Operation.Denied,
        Category.WorkflowInstance,
        actor=question.actor,
        name=instance.record.title,
        identifier=instance.guid,
        after={
            "Step": question.state.step_name,
            "Signal": question.signal_name,
            "Approved": answer.approved,
            "Comment": answer.comment,
            "ContentHash": answer.content_digest,
        },
    )
