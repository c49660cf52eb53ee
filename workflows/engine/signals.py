"""Signals: a person's answer to a waiting step, stored, counted and followed up in one transaction.

The instance's row is locked, so two people who answer at the same instant are both counted, one after the
other, and exactly one of them makes the instance go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows.access.actors import Actor
from workflows.engine import claiming, queue, writing
from workflows.engine.compiling import compiled
from workflows.engine.contracts import Decision, InstanceFacts, Reject, Wait
from workflows.engine.standing import moved_on
from workflows.engine.states import State
from workflows.engine.walking import decide
from workflows.errors import AlreadyDecided, InvalidSignal, NotFound, SignalForbidden
from workflows.models import Instance, PendingSignal, Role, sql
from workflows.models.signals import EXCLUDED
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus


@dataclass(frozen=True, slots=True)
class Question:
    """What a waiting step asks somebody who may answer it; the instance is locked. Only `ask` makes one."""

    state: State
    signal_name: str
    actor: Actor
    content_digest: str  # of what the step asked about when it began to wait


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer, already checked for shape."""

    approved: bool
    comment: str
    content_digest: str


def ask(instance: Instance, step_name: str, signal_name: str, *, actor: Actor) -> Question:
    """Lock the instance and find out what its step wants to know from the actor.

    Raises NotFound, WrongState or AlreadyDecided where it waits no more, InvalidSignal for an unknown signal,
    SignalForbidden for somebody who may not answer (D14).
    """
    state = _lock_waiting(instance, step_name)
    known = _known_signal(state, signal_name)
    return Question(state, known, actor, check_may_answer(state, known, actor))


def _lock_waiting(instance: Instance, step_name: str) -> State:
    """The instance, locked and waiting at `step_name`; raises WrongState or AlreadyDecided otherwise."""
    states = claiming.lock([instance.pk])
    if not states:
        raise NotFound("This workflow instance has been deleted.")
    state = states[0]
    at_step = state.step_name.casefold() == step_name.casefold()
    if state.status is InstanceStatus.Suspended and at_step:
        return state
    raise moved_on(state, step_name)


def _known_signal(state: State, name: str) -> str:
    """The signal's own name; clients may write it in any case."""
    known = state.step.type.signals if state.step else ()
    found = next((spec.name for spec in known if spec.name.casefold() == name.casefold()), None)
    if found is None:
        names = " or ".join(spec.name for spec in known) or "none"
        raise InvalidSignal(f"Step '{state.step_name}' takes no signal '{name[:60]}'. It takes {names}.")
    return found


def accept(question: Question, answer: Answer, *, now: datetime) -> bool:
    """Store the answer and count; True when it decides the step.

    A denial ends the instance with it, so that no stop or restart comes between; with enough approvals it
    goes on at once. Raises AlreadyDecided when this person has answered before.
    """
    state = question.state
    everywhere = _store(question, answer, now)
    decisions = [each for step_name, each in everywhere if step_name == state.step_name]
    state.merge(_answered_data(question.signal_name, answer, [each for _, each in everywhere]))
    outcome = decide(state, now, decisions)
    state.moved = True
    if isinstance(outcome, Wait):
        state.message, state.ready_at = outcome.message, outcome.until
    elif not isinstance(outcome, Reject):
        _go_on(state, now)
    writing.write([state], now)
    return not isinstance(outcome, Wait)


def _go_on(state: State, now: datetime) -> None:
    """Leave the step to a worker; from now on nobody else is asked."""
    state.status, state.message, state.ready_at = InstanceStatus.Running, "", now
    state.stops_waiting = True
    queue.wake_on_commit(state.queue)


def check_may_answer(state: State | Instance, signal_name: str, actor: Actor) -> str:
    """Refuse strangers to the step, tokens that are not meant for it, and one's own request (D14).

    Returns the digest of what the step asks about. Raises SignalForbidden.
    """
    found = sql.rows(_ASKED, (state.run_id, state.id, signal_name, list(actor.role_ids)))
    if not found:
        raise SignalForbidden(f"{actor.name} holds no role that this step asks: {_asked_roles(state.id)}.")
    if not actor.is_person:
        raise SignalForbidden(
            f"{actor.name} is a service account; only people approve or deny. Log in as a person who holds "
            "the role."
        )
    if not actor.is_in_scope(Permission.REQUESTS_MANAGE):
        raise SignalForbidden(
            f"The scopes of this token do not cover {Permission.REQUESTS_MANAGE}. Use a token that has this "
            "scope, or none."
        )
    ((excluded_ids, content_digest),) = found
    if actor.user_id in excluded_ids:
        raise SignalForbidden(
            "Nobody approves or denies a request of his own, or one that he restarted; ask another holder of "
            "the role."
        )
    return content_digest or ""


def _asked_roles(instance_id: int) -> str:
    pending = PendingSignal.objects.filter(instance=instance_id).values("role")
    asked = Role.objects.filter(pk__in=pending).order_by("name")
    return " or ".join(asked.values_list("name", flat=True)) or "it asks none now"


# Whether a step asks one of these roles, whom not, and what is asked.
_ASKED = f"""
    SELECT {EXCLUDED}, (SELECT content_digest FROM workflows_steprun WHERE id = %s)
    FROM workflows_pendingsignal AS p
    WHERE instance_id = %s AND lower(signal_name) = lower(%s) AND role_id = ANY(%s::bigint[]) LIMIT 1
"""  # noqa: S608 - made of constants


def facts_of(subject: State | Instance) -> InstanceFacts:
    """The same facts from a claimed state or from a row that was read for a page."""
    if isinstance(subject, State):
        return subject.facts()
    plan = compiled(subject.version_id)
    return InstanceFacts(
        id=subject.pk,
        guid=subject.guid,
        workflow_type=plan.workflow_type,
        definition_name=plan.definition_name,
        initiator_id=subject.initiator_id,
        request_id=subject.request_id,
        certificate_id=subject.certificate_id,
    )


def _answered_data(signal_name: str, answer: Answer, decisions: list[Decision]) -> Mapping[str, Any]:
    """What an accepted signal leaves in the data; all comments so far are `$(approvalsignalcmnts)`.

    `decisions` are those at all steps: one without a comment hides none of an earlier step.
    """
    comments = "\n".join(each.comment for each in decisions if each.comment)
    return {
        signal_name: {"Approved": str(answer.approved), "Comment": answer.comment},
        "approvalsignalcmnts": comments,
    }


def _store(question: Question, answer: Answer, now: datetime) -> list[tuple[str, Decision]]:
    """All decisions of the instance, each with its step, this one last."""
    state, actor = question.state, question.actor
    who = (question.signal_name, actor.user_id, actor.name)
    what = (answer.approved, answer.comment, answer.content_digest, now)
    found = sql.rows(_STORE, (state.id, state.step_name, *who, *what, state.id))
    if not any(is_new for _, is_new, *_ in found):
        raise AlreadyDecided(f"{actor.name} has answered this step already; each person answers once.")
    return [(step_name, Decision(*values)) for _, _, step_name, *values in found]


# A statement does not see what it inserts, so the second part gives the earlier answers.
_STORE = """
    WITH stored AS (
        INSERT INTO workflows_signaldecision (instance_id, step_name, signal_name, user_id, user_name,
            approved, comment, content_digest, decided_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (instance_id, step_name, signal_name, user_id) DO NOTHING
        RETURNING id, step_name, user_id, user_name, approved, comment, content_digest
    )
    SELECT id, true, step_name, user_id, user_name, approved, comment, content_digest FROM stored
    UNION ALL
    SELECT id, false, step_name, user_id, user_name, approved, comment, content_digest
    FROM workflows_signaldecision WHERE instance_id = %s
    ORDER BY id
"""
