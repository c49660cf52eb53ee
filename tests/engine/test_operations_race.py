"""Stop, approve, deny, restart and delete at one instant: in every order one outcome, never a mixture."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.db import connections

from tests import builders, moves
from tests.rounds import rounds
from workflows.access.actors import Actor
from workflows.actions import approvals, instances
from workflows.errors import NotFound, WrongState
from workflows.models import AuditEntry, Instance, PendingSignal, SignalDecision, StepRun, StopRequest
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import FINISHED, InstanceStatus, StepRunStatus

STEP = "RequireApproval1"
OPERATIONS = ("approve", "deny", "stop", "restart", "delete")
TWICE = ("stop", "stop too", "delete", "restart")
AUDITED = {
    "approve": Operation.Approved,
    "deny": Operation.Denied,
    "stop": Operation.Stopped,
    "restart": Operation.Restarted,
    "delete": Operation.Deleted,
}


@dataclass
class Ring:
    """One waiting instance, and what five people can do to it."""

    instance: Instance
    manager: Actor
    second_manager: Actor
    approvers: tuple[Actor, Actor]

    def deed(self, name: str) -> Callable[[], object]:
        guid, (first, second) = self.instance.guid, self.approvers
        return {
            "approve": lambda: approvals.approve(guid, actor=first, step_name=STEP),
            "deny": lambda: approvals.deny(guid, actor=second, step_name=STEP),
            "stop": lambda: instances.stop(guid, actor=self.manager),
            "restart": lambda: instances.restart(guid, actor=self.manager),
            "stop too": lambda: instances.stop(guid, actor=self.second_manager),
            "delete": lambda: instances.delete(guid, actor=self.manager),
        }[name]

    def attempt(self, name: str) -> bool:
        """Whether it was done; what comes too late is refused, for no other reason than that."""
        try:
            self.deed(name)()
        except (WrongState, NotFound):
            return False
        return True


@pytest.fixture
def ring() -> Callable[[], Ring]:
    people = [builders.user(f"approver{number}") for number in range(2)]
    role = builders.role("Approvers", *people)
    version = builders.publish(builders.chain(builders.approval(STEP, roles=[role])))
    managers = [builders.user(f"manager{number}") for number in range(2)]
    builders.role("Managers", *managers, permissions=["/workflows/instances/"])
    first, second, *approvers = (builders.actor(each) for each in (*managers, *people))
    return lambda: Ring(builders.run(version), first, second, (approvers[0], approvers[1]))


def at_once(ring: Ring, names: Sequence[str]) -> dict[str, bool]:
    barrier = threading.Barrier(len(names), timeout=60)

    def work(name: str) -> bool:
        try:
            barrier.wait()
            return ring.attempt(name)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(work, names), strict=True))


def check(ring: Ring, done: dict[str, bool]) -> None:
    """What was answered, the rows, the history and the audit log tell one story."""
    builders.run_until_quiet()
    done["stop"] = done.pop("stop too", False) | done.get("stop", False)  # two wishes are one stop
    ends = [name for name in ("approve", "deny", "stop") if done.get(name)]
    left = Instance.objects.filter(pk=ring.instance.pk).first()
    entries = AuditEntry.objects.filter(immutable_identifier=str(ring.instance.guid))
    audited = set(entries.values_list("operation", flat=True))
    # Who stopped it may have been told that it is gone by now.
    done["stop"] |= left is None and Operation.Stopped in audited
    assert entries.count() == len(audited)
    assert audited == {AUDITED[name] for name, is_done in done.items() if is_done}
    assert not StopRequest.objects.filter(instance=ring.instance.pk).exists()
    if left is None:
        assert done["delete"]
        assert not StepRun.objects.filter(instance=ring.instance.pk).exists()
    else:
        check_end(left, done, ends)


def check_end(left: Instance, done: dict[str, bool], ends: Sequence[str]) -> None:
    status = InstanceStatus(left.status)
    assert len(ends) <= 2
    assert sum(done.get(name, False) for name in ("approve", "deny")) <= 1
    assert SignalDecision.objects.filter(instance=left).count() == sum(name != "stop" for name in ends)
    expected = {
        "approve": InstanceStatus.Complete,
        "deny": InstanceStatus.Rejected,
        "stop": InstanceStatus.Rejected,
    }
    if ends:
        assert status is expected[ends[-1]]  # a stop may come between an approval and the worker's turn
        assert left.was_stopped == ("stop" in ends)
        assert not {"deny", "stop"}.issubset(ends)  # but a denial is the end
    elif done.get("restart"):
        assert status is InstanceStatus.CanceledForRestart
    else:
        assert status is InstanceStatus.Suspended
    assert PendingSignal.objects.filter(instance=left).exists() == (status not in FINISHED)
    runs = StepRun.objects.filter(instance=left, step_name=STEP).values_list("status", flat=True)
    assert len(runs) == 1
    assert (runs[0] == StepRunStatus.Waiting) == (status not in FINISHED)


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(itertools.permutations(OPERATIONS, 3)), ids="-".join)
def test_every_order_of_three(ring: Callable[[], Ring], order: tuple[str, ...]) -> None:
    moves.guard()
    one = ring()
    check(one, {name: one.attempt(name) for name in order})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [*itertools.combinations(OPERATIONS, 2), OPERATIONS, TWICE], ids="-".join)
def test_at_the_same_instant(ring: Callable[[], Ring], names: tuple[str, ...]) -> None:
    for _ in range(rounds(100)):
        one = ring()
        check(one, at_once(one, names))
