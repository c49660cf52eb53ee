"""Chains of restarts: the instances of one request, each but the first restarted from another one (D4)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from workflows.models import sql
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

# In both directions, so that of two that were restarted from the same one each finds the other. OFFSET keeps
# the planner, which expects far more rows of a recursion, from reading all instances.
_CHAIN = """
    WITH RECURSIVE chain(asked, id) AS (
        SELECT id, id FROM unnest(%s::bigint[]) AS given(id)
        UNION
        SELECT chain.asked, tied.id FROM chain CROSS JOIN LATERAL (
            SELECT restarted_from_id AS id FROM workflows_instancerecord
            WHERE instance_id = chain.id AND restarted_from_id IS NOT NULL
            UNION ALL
            SELECT instance_id FROM workflows_instancerecord WHERE restarted_from_id = chain.id
        ) AS tied
    )
    SELECT asked, i.id, guid, status FROM chain CROSS JOIN LATERAL (
        SELECT id, guid, status, was_stopped FROM workflows_instance
        WHERE workflows_instance.id = chain.id OFFSET 0
    ) AS i
"""

# Failed and stopped ones may be begun anew. Where there are several others, as when they could still be begun
# side by side, the last one counts that lives, else the complete one.
_SUCCESSORS = f"""
    {_CHAIN}
    WHERE i.id <> asked AND status <> ALL(%s::smallint[]) AND NOT was_stopped
    ORDER BY array_position(%s::smallint[], status) NULLS LAST, i.id
"""

_ENDED = f"{_CHAIN} WHERE status = ANY(%s::smallint[])"

# To what the deleted one came from; where that was the first, to the eldest that stays of what came from it,
# so that siblings still find each other. SKIP LOCKED: one that somebody deletes now is no end for a link.
_BRIDGE = """
    UPDATE workflows_instancerecord AS later SET restarted_from_id = COALESCE(
        (SELECT id FROM workflows_instance WHERE id = gone.restarted_from_id FOR KEY SHARE SKIP LOCKED),
        (SELECT min(elder.instance_id) FROM workflows_instancerecord AS elder
            WHERE elder.restarted_from_id = gone.instance_id AND elder.instance_id < later.instance_id
              AND elder.instance_id <> ALL(%s::bigint[]))
    )
    FROM workflows_instancerecord AS gone
    WHERE gone.instance_id = later.restarted_from_id AND gone.instance_id = ANY(%s::bigint[])
"""


class Successor(NamedTuple):
    """The instance that stands for a chain: it lives, or it is complete, or there the request was denied."""

    id: int
    guid: uuid.UUID
    status: InstanceStatus

    def __str__(self) -> str:
        return f"{self.id} ({self.guid})"


def successors(ids: Sequence[int]) -> dict[int, Successor]:
    """In whose place another one of their chains stands, and which."""
    if not ids:
        return {}
    over = [int(InstanceStatus.Failed), int(InstanceStatus.CanceledForRestart)]
    weaker = [int(InstanceStatus.Rejected), int(InstanceStatus.Complete)]
    found = sql.rows(_SUCCESSORS, (list(ids), over, weaker))
    return {asked: Successor(id_, guid, InstanceStatus(status)) for asked, id_, guid, status in found}


def ended(instance_id: int) -> list[int]:
    """Those of its chain that have ended, itself perhaps among them."""
    return [id_ for _, id_, *_ in sql.rows(_ENDED, ([instance_id], [int(each) for each in FINISHED]))]


def bridge(gone: Sequence[int]) -> None:
    """Tie what was restarted from these, which are deleted in this transaction, to what they came from."""
    while sql.execute(_BRIDGE, (list(gone), list(gone))).rowcount:
        pass
