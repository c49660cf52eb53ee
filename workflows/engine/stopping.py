"""Stopping (D5): a wish never waits for the worker with the instance.

The runner looks for wishes before it walks; what comes in between, the next tick sees.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from workflows.engine import claiming, wishes, writing
from workflows.engine.outcomes import stop
from workflows.models import StopRequest

PATIENCE = 5.0  # seconds that a caller waits for a worker's turn to end


def stop_now(instance_id: int) -> bool:
    """Stop as soon as no worker holds the instance; False when one held it for all our patience."""
    end = time.monotonic() + PATIENCE
    while not apply_stops([instance_id]):
        if not StopRequest.objects.filter(pk=instance_id).exists():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def apply_stops(instance_ids: Sequence[int]) -> int:
    """Stop those of the instances that somebody wants stopped and nobody holds; returns how many."""
    with transaction.atomic():
        states = claiming.lock(instance_ids, skip_locked=True)
        wanted = [state for state in states if state.stopped_by is not None]
        for state in wanted:
            if not state.is_finished:
                stop(state)
        wishes.settle([state for state in wanted if not state.moved])
        writing.write(wanted, timezone.now())
        return len(wanted)


def sweep() -> int:
    """Apply every wish that is still open; part of each tick."""
    waiting = list(StopRequest.objects.values_list("instance_id", flat=True)[:500])
    return apply_stops(waiting) if waiting else 0
