"""Two approvers answer at the same instant while a real worker runs, again and again."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests import builders
from tests.engine.test_signals_race import answer_at_once, check_history, people
from tests.faults.workers import work_until, worker
from tests.rounds import rounds
from workflows.models import Instance, SignalDecision
from workflows.vocabulary.statuses import InstanceStatus


@pytest.mark.timeout(900)  # real workers start, die and start again
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("needed", [1, 2])
def test_each_decision_is_kept_and_the_instance_advances_once(tmp_path: Path, needed: int) -> None:
    """Of one that is needed the second is told who decided; of two that are needed both count."""
    pair = people(2)
    roles = [builders.role("Approvers", *pair)]
    steps = builders.chain(builders.approval(roles=roles, MinimumApprovals=needed))
    version = builders.publish(steps)
    instances = [builders.start(version) for _ in range(rounds(200))]
    with worker(tmp_path, "racing") as child:
        work_until(lambda: not running(), "the wait for approvals", child)
        for instance in instances:
            assert sum(answer_at_once(instance, [(person, True) for person in pair])) == needed
        work_until(lambda: not unfinished(), "the end of every instance", child)
    for instance in instances:
        assert SignalDecision.objects.filter(instance=instance).count() == needed
        check_history(builders.reload(instance))
    connection.close()


def running() -> bool:
    return Instance.objects.filter(status=InstanceStatus.Running).exists()


def unfinished() -> bool:
    return Instance.objects.exclude(status=InstanceStatus.Complete).exists()
