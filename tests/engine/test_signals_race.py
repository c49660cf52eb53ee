"""Signals at the same instant: each decision is kept, and exactly one of them lets the instance go on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from django.db import connections

from tests import builders
from workflows.actions import approvals
from workflows.errors import AlreadyDecided
from workflows.models import Instance, PendingSignal, SignalDecision, StepRun, User
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

STEP = "RequireApproval1"
Answer = tuple[User, bool]


def waiting(people: Sequence[User], needed: int) -> Instance:
    roles = [builders.role("Approvers", *people)]
    steps = builders.chain(builders.approval(STEP, roles=roles, MinimumApprovals=needed))
    return builders.run(builders.publish(steps))


def people(count: int) -> list[User]:
    return [builders.user(f"approver{number}") for number in range(count)]


def answer(instance: Instance, person: User, approved: bool) -> bool:
    """Whether the answer was taken; the only refusal is that others have decided already."""
    decide = approvals.approve if approved else approvals.deny
    try:
        decide(instance.guid, actor=builders.actor(person), step_name=STEP, comment=person.username)
    except AlreadyDecided:
        return False
    return True


def answer_at_once(instance: Instance, answers: Sequence[Answer]) -> list[bool]:
    barrier = threading.Barrier(len(answers), timeout=60)

    def work(person: User, approved: bool) -> bool:
        try:
            barrier.wait()
            return answer(instance, person, approved)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(answers)) as pool:
        return list(pool.map(lambda each: work(*each), answers))


def expected(order: Sequence[bool], needed: int) -> tuple[int, InstanceStatus]:
    """How many answers are taken, and what becomes of the instance: the first denial or the last approval."""
    for count, approved in enumerate(order, start=1):
        if not approved:
            return count, InstanceStatus.Rejected
        if count == needed:
            return count, InstanceStatus.Complete
    return len(order), InstanceStatus.Suspended


def check_history(instance: Instance) -> None:
    """The step advanced once: one line for it, one for the end."""
    runs = StepRun.objects.filter(instance=instance)
    assert runs.filter(step_name=STEP).count() == 1
    assert runs.filter(step_name="EndNOOP").count() == (instance.status == InstanceStatus.Complete)
    assert PendingSignal.objects.filter(instance=instance).exists() == (
        instance.status == InstanceStatus.Suspended
    )


@pytest.mark.django_db
@pytest.mark.parametrize("needed", [1, 2, 3])
@pytest.mark.parametrize("order", list(product([True, False], repeat=3)))
def test_every_order_of_three_answers(needed: int, order: tuple[bool, ...]) -> None:
    three = people(3)
    instance = waiting(three, needed)
    taken = [answer(instance, person, approved) for person, approved in zip(three, order, strict=True)]
    builders.run_until_quiet()
    after = builders.reload(instance)
    assert (sum(taken), after.status) == expected(order, needed)
    assert SignalDecision.objects.filter(instance=instance).count() == sum(taken)
    check_history(after)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("count", "needed"), [(2, 2), (2, 1), (6, 3)])
def test_approvals_at_the_same_instant_advance_once(count: int, needed: int) -> None:
    group = people(count)
    instance = waiting(group, needed)
    taken = answer_at_once(instance, [(person, True) for person in group])
    builders.run_until_quiet()
    after = builders.reload(instance)
    assert after.status == InstanceStatus.Complete
    assert needed <= sum(taken) <= count
    assert SignalDecision.objects.filter(instance=instance).count() == sum(taken) == needed
    check_history(after)


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_denial_at_the_same_instant_have_one_outcome() -> None:
    group = people(2)
    instance = waiting(group, 1)
    taken = answer_at_once(instance, [(group[0], True), (group[1], False)])
    builders.run_until_quiet()
    after = builders.reload(instance)
    assert sum(taken) == 1
    assert after.status == (InstanceStatus.Complete if taken[0] else InstanceStatus.Rejected)
    check_history(after)


@pytest.mark.django_db(transaction=True)
def test_one_person_who_clicks_twice_at_the_same_instant_counts_once() -> None:
    group = people(2)
    instance = waiting(group, 2)
    assert sorted(answer_at_once(instance, [(group[0], True)] * 2)) == [False, True]
    builders.run_until_quiet()
    after = builders.reload(instance)
    assert after.status == InstanceStatus.Suspended
    assert after.status_message == "Awaiting 1 more approval(s) from approval roles."
    run = StepRun.objects.get(instance=instance, step_name=STEP)
    assert run.status == StepRunStatus.Waiting
