"""What a waiting instance asks of people: which signals, the holders of which roles, and since when.

One statement for all of it, because every answer that shows an instance tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from workflows.models import Instance, sql
from workflows.vocabulary.statuses import FINISHED, InstanceStatus, StepRunStatus


@dataclass(frozen=True, slots=True)
class ExpectedSignal:
    """An input that a waiting step takes, and whether somebody has given it."""

    signal_name: str
    signal_guid: UUID
    is_received: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """`signals` has each once, whatever number of roles may give it; `roles` are the names of those.

    `is_at_work` tells that a step is under way, such as a call: `ready_at` is its lease.
    """

    since: datetime
    signals: tuple[ExpectedSignal, ...] = ()
    roles: tuple[str, ...] = ()
    is_at_work: bool = False


_ASKED = """
    SELECT run.started_at, run.status, p.signal_name, p.signal_guid, role.name, EXISTS (
        SELECT FROM workflows_signaldecision AS d
        WHERE d.instance_id = %s AND d.step_name = %s AND d.signal_name = p.signal_name
    )
    FROM (SELECT) AS one
    LEFT JOIN workflows_steprun AS run ON run.id = %s
    LEFT JOIN (workflows_pendingsignal AS p JOIN workflows_role AS role ON role.id = p.role_id)
        ON p.instance_id = %s AND %s
    ORDER BY p.signal_name
"""


def asked(instance: Instance) -> Asked:
    """Nothing is asked for while it runs or when it has finished."""
    if instance.status in FINISHED:
        return Asked(instance.modified_at)
    waits = instance.status == InstanceStatus.Suspended
    rows = sql.rows(_ASKED, (instance.pk, instance.step_name, instance.run_id, instance.pk, waits))
    signals = {guid: ExpectedSignal(name, guid, given) for *_, name, guid, _, given in rows if name}
    return Asked(
        rows[0][0] or instance.modified_at,
        tuple(signals.values()),
        tuple(sorted({role for *_, role, _ in rows if role})),
        rows[0][1] == StepRunStatus.Running,
    )
