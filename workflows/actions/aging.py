"""What the timer does about things that are old, by the application settings."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from workflows.access.actors import TIMER_SERVICE, Actor
from workflows.actions import configured, purging
from workflows.audit import retention

BUDGET = 60.0  # seconds of one run for each kind; what is left over comes next time


def run_due(now: datetime) -> None:
    """Purge instances and audit entries when the scan interval is over."""
    if purging.is_due(now):
        purging.purge(purging.rule_now(now), actor=TIMER_SERVICE, seconds=BUDGET)
        forget_audit(now, actor=TIMER_SERVICE, seconds=BUDGET)


def forget_audit(now: datetime, *, actor: Actor, seconds: float = float("inf")) -> int:
    """Remove audit entries past their retention; returns how many. Each batch leaves an entry of its own."""
    before, end = audit_cutoff(now), time.monotonic() + seconds
    total = 0
    while before is not None and time.monotonic() < end:
        removed = retention.remove_older(before, actor=actor)
        total += removed
        if not removed:
            break
    return total


def audit_cutoff(now: datetime) -> datetime | None:
    """Audit entries before it are past their retention; None when all are kept for ever."""
    days = configured.AUDIT_RETENTION_DAYS.value()
    return now - timedelta(days=days) if days is not None else None
