"""Wishes to stop (D5): rows of their own, written without the instance's lock.

The entry in the audit log is written with the stop itself, so that a wish which came too late leaves none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workflows import audit
from workflows.access.actors import Actor
from workflows.engine.states import State
from workflows.models import AuditEntry, InstanceRecord, sql
from workflows.vocabulary.auditing import Category, Operation

# KEY SHARE meets only a deletion, which it waits for: then there is nothing left to stop.
_WISH = """
    INSERT INTO workflows_stoprequest (instance_id, user_id, user_name, requested_at)
    SELECT id, %s, %s, %s FROM workflows_instance WHERE id = %s FOR KEY SHARE
    ON CONFLICT DO NOTHING
"""

# Who stops an instance stops the one, too, that it waits for.
_HAND_ON = """
    INSERT INTO workflows_stoprequest (instance_id, user_id, user_name, requested_at)
    SELECT other.id, wish.user_id, wish.user_name, wish.requested_at
    FROM workflows_awaitedinstance AS awaited
    JOIN workflows_stoprequest AS wish ON wish.instance_id = awaited.waiter_id
    JOIN workflows_instance AS other ON other.id = awaited.instance_id
    WHERE awaited.waiter_id = ANY(%s::bigint[]) FOR KEY SHARE OF other
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
    sql.execute(_FORGET, ([state.id for state in finished],))
    titles = InstanceRecord.objects.in_bulk([state.id for state in obeyed])
    audit.record_all([_entry(state, titles[state.id].title) for state in obeyed])


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
