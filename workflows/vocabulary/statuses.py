"""Statuses of instances and step runs, and the moves an instance may make (D2, D4, D5, D6)."""

from __future__ import annotations

import enum


class InstanceStatus(enum.IntEnum):
    """The documented names; the numbers are decision D2. `Unknown` is never stored."""

    Unknown = 0
    Running = 1
    Suspended = 2
    Failed = 3
    Complete = 4
    Rejected = 5
    CanceledForRestart = 6


class StepRunStatus(enum.IntEnum):
    """What became of one attempt at one step."""

    Running = 1  # an outside call is under way; the row was committed before the call
    Waiting = 2  # people's signals are expected
    Done = 3
    Skipped = 4  # disabled, or a condition was false
    Failed = 5
    Rejected = 6
    Retried = 7  # failed, and another attempt is due
    Lost = 8  # the worker died during the call; another attempt took over with the same key
    Late = 9  # the answer came after the instance had moved on; nothing followed
    Stopped = 10


FINISHED = frozenset(
    {
        InstanceStatus.Failed,
        InstanceStatus.Complete,
        InstanceStatus.Rejected,
        InstanceStatus.CanceledForRestart,
    }
)

MOVES: dict[InstanceStatus, frozenset[InstanceStatus]] = {
    InstanceStatus.Running: frozenset(
        {
            InstanceStatus.Running,
            InstanceStatus.Suspended,
            InstanceStatus.Failed,
            InstanceStatus.Complete,
            InstanceStatus.Rejected,
        }
    ),
    InstanceStatus.Suspended: frozenset(
        {InstanceStatus.Running, InstanceStatus.Rejected, InstanceStatus.CanceledForRestart}
    ),
    **{status: frozenset() for status in FINISHED},
}
