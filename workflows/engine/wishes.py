"""Wishes to stop (D5): rows of their own, written without the instance's lock.

The entry in the audit log is written with the stop itself, so that a wish which came too late leaves none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workflows import audit
from workflows.access.actors import Actor
from workflows.engine import chains
from workflows.engine.states import State
from workflows.models import AuditEntry, InstanceRecord, sql
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.statuses import InstanceStatus

# KEY SHARE meets only a deletion, which it waits for: then there is nothing left to stop.
_WISH = """
    INSERT INTO workflows_stoprequest (instance_id, user_id, user_name, requested_at)
    SELECT id, %s, %s, %s FROM workflows_instance WHERE id = %s FOR KEY SHARE
    ON CONFLICT DO NOTHING
"""

# Who stops an instance stops the one, too, that it waits for. SKIP LOCKED: one that somebody deletes is over.
_HAND_ON = """
    INSERT INTO workflows_stoprequest (instance_id, user_id, user_name, requested_at)
    SELECT other.id, wish.user_id, wish.user_name, wish.requested_at
    FROM workflows_awaitedinstance AS awaited
    JOIN workflows_stoprequest AS wish ON wish.instance_id = awaited.waiter_id
    JOIN workflows_instance AS other ON other.id = awaited.instance_id
    WHERE awaited.waiter_id = ANY(%s::bigint[]) FOR KEY SHARE OF other SKIP LOCKED
    ON CONFLICT DO NOTHING
"""

# Such a stop may have met one that was restarted meanwhile; it goes on to what is awaited in its place. Who
# wished that one itself stopped hears that it was too late.
_HAND_OVER = """
    INSERT INTO workflows_stoprequest (instance_id, user_id, user_name, requested_at)
    SELECT other.id, wish.user_id, wish.user_name, wish.requested_at
    FROM workflows_stoprequest AS wish, workflows_awaitedinstance AS awaited
    JOIN workflows_instance AS waiter ON waiter.id = awaited.waiter_id
    JOIN workflows_instance AS other ON other.id = awaited.instance_id
    WHERE wish.instance_id = %s AND other.id = %s AND waiter.was_stopped FOR KEY SHARE OF other SKIP LOCKED
    ON CONFLICT DO NOTHING
"""

_FORGET = "DELETE FROM workflows_stoprequest WHERE instance_id = ANY(%s::bigint[])"


def wish(instance_id: int, *, actor: Actor, now: datetime) -> None:
    """Note that `actor` wants the instance stopped; the first wish counts."""
    sql.execute(_WISH, (actor.user_id, actor.name, now, instance_id))


def settle(states: Sequence[State]) -> None:
    """Forget the wishes for those that have finished, hand on and record the stops."""
    finished = [state for state in states if state.stopped_by is not None and state.is_finished]
    if not finished:
        return
    obeyed = [state for state in finished if state.was_stopped]
    sql.execute(_HAND_ON, ([state.id for state in obeyed],))
    _hand_over([state.id for state in finished if state.status is InstanceStatus.CanceledForRestart])
    sql.execute(_FORGET, ([state.id for state in finished],))
    titles = InstanceRecord.objects.in_bulk([state.id for state in obeyed])
    audit.record_all([_entry(state, titles[state.id].title) for state in obeyed])


def _hand_over(restarted: Sequence[int]) -> None:
    for instance_id, successor in chains.successors(restarted).items():
        sql.execute(_HAND_OVER, (instance_id, successor.id))


def _entry(state: State, title: str) -> AuditEntry:
    return audit.entry(
        Operation.Stopped,
        Category.WorkflowInstance,
        actor=Actor(user_id=None, name=state.stopped_by or ""),
        name=title,
        identifier=state.guid,
        before={"Status": state.claimed_status.name, "CurrentStep": state.step_name},
        after={"Status": state.status.name},
    )
