"""The end of one instance makes ready the one that waits for it."""

from __future__ import annotations

import pytest

from tests import builders
from workflows.engine import awaiting, turns
from workflows.errors import WrongState
from workflows.models import AwaitedInstance, Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", [InstanceStatus.Suspended, InstanceStatus.Rejected])
def test_only_who_still_waits_is_woken(status: InstanceStatus) -> None:
    version = builders.publish(builders.noops(2))
    awaited, waiter = builders.start(version), builders.start(version)
    Instance.objects.filter(pk=waiter.pk).update(status=status, ready_at=None)
    awaiting.expect(awaited.pk, waiter_id=waiter.pk)
    assert turns.take_turn("interactive") == 1
    is_woken = builders.reload(waiter).ready_at is not None
    assert is_woken == (status == InstanceStatus.Suspended)
    assert not AwaitedInstance.objects.exists()


def test_an_instance_that_fails_has_ended_too() -> None:
    failing = builders.step("NOOPStep", "Asked", Conditions=[{"Value": "$(nowhere)"}])
    awaited = builders.start(builders.publish(builders.chain(failing)))
    waiter = builders.start(builders.publish(builders.noops(2)))
    Instance.objects.filter(pk=waiter.pk).update(status=InstanceStatus.Suspended, ready_at=None)
    awaiting.expect(awaited.pk, waiter_id=waiter.pk)
    builders.run_until_quiet()
    assert builders.reload(awaited).status == InstanceStatus.Failed
    assert builders.reload(waiter).status == InstanceStatus.Complete


def test_nobody_waits_for_what_another_one_waits_for_already() -> None:
    awaited, first, second = (builders.start(builders.publish(builders.noops(2))) for _ in range(3))
    awaiting.expect(awaited.pk, waiter_id=first.pk)
    with pytest.raises(WrongState, match=f"the workflow {first.pk} waits for {awaited.pk} already"):
        awaiting.expect(awaited.pk, waiter_id=second.pk)
