"""How long one person waits for what he has set going, when nothing else runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests import builders
from tests import world as scenery
from tests.benchmarks import scenarios
from tests.world import World
from workflows.actions import approvals, enrollment
from workflows.actions.enrollment import Wish
from workflows.engine.watching import wait_until
from workflows.models import DefinitionVersion, Instance
from workflows.vocabulary.statuses import InstanceStatus

PATIENCE = 30.0  # seconds


def signal_to_next_step(version: DefinitionVersion, cast: World, count: int) -> list[float]:
    """Milliseconds from before the signal until a worker has run the steps behind it."""
    actor = cast.actor("approver")

    def once() -> float:
        instance = builders.start(version)
        return _timed(instance, lambda: scenarios.send_signal(instance.pk, actor))

    return [once() for _ in range(count)]


def approval_to_certificate(cast: World, count: int) -> list[float]:
    """Milliseconds from before the approval, by the action that portal and API call, to the certificate."""
    requester, approver = cast.actor("requester"), cast.actor("approver")

    def once() -> float:
        wish = Wish(template="WebServer", csr=scenery.csr())
        instance = enrollment.enroll(wish, actor=requester).instance
        return _timed(
            instance,
            lambda: approvals.approve(instance.guid, actor=approver, step_name="RequireApproval1"),
        )

    return [once() for _ in range(count)]


def _timed(instance: Instance, deed: Callable[[], None]) -> float:
    _wait(instance, InstanceStatus.Suspended)
    begun = time.perf_counter()
    deed()
    _wait(instance, InstanceStatus.Complete)
    return (time.perf_counter() - begun) * 1000


def _wait(instance: Instance, status: InstanceStatus) -> None:
    row = Instance.objects.filter(pk=instance.pk, status=status)
    if not wait_until(instance.pk, row.exists, PATIENCE):
        raise TimeoutError(f"instance {instance.pk} is not {status.name}")
