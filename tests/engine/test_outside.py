"""Outside calls: intent first, then the call without a transaction, then the result if it is still wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from tests import builders
from tests.engine.conftest import Install
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import instances as actions
from workflows.engine import moving, outside, turns, walking
from workflows.engine.contracts import Continue, Effects, Fail, Outcome, Retry, StepContext
from workflows.engine.moving import Intent
from workflows.errors import InvalidInput
from workflows.models import DefinitionVersion, Instance, StepRun, StopRequest
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db

STEP = "Tested"


def published(steps: int = 1) -> DefinitionVersion:
    names = [STEP, *(f"{STEP}{number}" for number in range(2, steps + 1))]
    return builders.publish(builders.chain(*(builders.step("Scripted", name) for name in names)))


def begin(instance: Instance) -> list[Intent]:
    """The worker has committed its intent and not called yet, or calls now."""
    return turns._batch("interactive", turns.BATCH).moved.intents


def runs_of(instance: Instance, step: str = STEP) -> list[tuple[StepRunStatus, int]]:
    rows = StepRun.objects.filter(instance=instance, step_name=step).order_by("id")
    return [(StepRunStatus(row.status), row.attempt) for row in rows]


def make_due(instance: Instance) -> None:
    """Let the lease or the pause be over."""
    past = timezone.now() - timedelta(seconds=1)
    Instance.objects.filter(pk=instance.pk, ready_at__isnull=False).update(ready_at=past)


def status_of(instance: Instance) -> str:
    return InstanceStatus(builders.reload(instance).status).name


@contextmanager
def seen_by_others() -> Iterator[None]:
    """A thread's own connection sees what is committed and nothing else; it is closed afterwards."""
    try:
        yield
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_the_intent_is_committed_before_the_call(install: Install) -> None:
    seen: list[tuple[StepRun, Instance]] = []

    def behave(context: StepContext) -> Outcome:
        with seen_by_others():
            seen.append((StepRun.objects.get(step_name=STEP), Instance.objects.get(pk=context.instance.id)))
        return Continue({"answer": 42})

    install(Effects.EXTERNAL, behave)
    done = builders.run(published())
    (run, instance) = seen[0]
    assert (run.status, run.attempt, run.finished_at) == (StepRunStatus.Running, 1, None)
    assert run.idempotency_key is not None
    assert instance.run_id == run.pk
    assert instance.ready_at is not None
    assert instance.ready_at > timezone.now()
    assert (done.status, done.data) == (InstanceStatus.Complete, {"answer": 42})


def test_results_lead_from_call_to_call(install: Install) -> None:
    tested = install(Effects.EXTERNAL, lambda context: Continue({context.step.unique_name: "called"}))
    instance = builders.run(published(5))
    assert instance.status == InstanceStatus.Complete
    assert [context.step.unique_name for context in tested.contexts] == list(instance.data)
    assert len({context.idempotency_key for context in tested.contexts}) == 5


def test_a_stop_during_the_call_lets_nothing_follow(install: Install) -> None:
    tested = install(Effects.EXTERNAL, lambda context: Continue({"answer": 42}))
    instance = builders.start(published(2))
    intents = begin(instance)
    actions.stop(instance.guid, actor=TIMER_SERVICE)
    outside.make_calls(intents)
    after = builders.reload(instance)
    assert (after.status, after.was_stopped) == (InstanceStatus.Rejected, True)
    assert after.status_message == "Stopped by Timer Service."
    assert after.data == {}
    assert tested.runs == 1
    assert runs_of(instance) == [(StepRunStatus.Late, 1)]
    assert not StopRequest.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        (Continue(), ""),
        (Continue({"answer": "42\0", "is": True}), ' It was: {"answer": "42\\u0000", "is": true}'),
        (Continue({"answer": 42}, message="Deployed."), ' It was: Deployed. {"answer": 42}'),
        (Continue({"answer": {42}}), f" It was: {outside.UNSTORABLE.reason}"),
        (Fail("the server said 500\0"), " It was: the server said 500\ufffd"),
        (Retry(timedelta(seconds=5), "no answer"), " It was: no answer"),
    ],
)
def test_what_came_too_late_is_kept_in_words(install: Install, outcome: Outcome, kept: str) -> None:
    install(Effects.EXTERNAL, lambda context: outcome)
    instance = builders.start(published(2))
    intents = begin(instance)
    actions.stop(instance.guid, actor=TIMER_SERVICE)
    outside.make_calls(intents)
    assert StepRun.objects.get(step_name=STEP).message == f"{outside.LATE}{kept}"


def test_a_stop_that_no_worker_has_seen_yet_is_obeyed_with_the_result(install: Install) -> None:
    install(Effects.EXTERNAL, lambda context: Continue({"answer": 42}))
    instance = builders.start(published(2))
    intents = begin(instance)
    StopRequest.objects.create(instance=instance, user_name="somebody", requested_at=timezone.now())
    outside.make_calls(intents)
    assert status_of(instance) == "Rejected"
    assert builders.reload(instance).data == {}
    assert runs_of(instance) == [(StepRunStatus.Late, 1)]


def test_a_result_for_a_deleted_instance_is_dropped(install: Install) -> None:
    install(Effects.EXTERNAL)
    instance = builders.start(published())
    intents = begin(instance)
    actions.stop(instance.guid, actor=TIMER_SERVICE)
    actions.delete(instance.guid, actor=TIMER_SERVICE)
    outside.make_calls(intents)
    assert not StepRun.objects.exists()


def test_after_a_crash_the_step_is_taken_up_with_the_same_key(install: Install) -> None:
    tested = install(Effects.EXTERNAL)
    instance = builders.start(published())
    (crashed,) = begin(instance)
    assert turns.take_turn("interactive") == 0  # the lease holds
    make_due(instance)
    builders.run_until_quiet()
    assert status_of(instance) == "Complete"
    assert runs_of(instance) == [(StepRunStatus.Lost, 1), (StepRunStatus.Done, 2)]
    assert {context.idempotency_key for context in tested.contexts} == {crashed.context.idempotency_key}
    assert len({*StepRun.objects.filter(step_name=STEP).values_list("idempotency_key", flat=True)}) == 1


def test_the_first_attempts_result_is_late_once_the_second_has_begun(install: Install) -> None:
    install(Effects.EXTERNAL, lambda context: Continue({"by": context.attempt}))
    instance = builders.start(published())
    first = begin(instance)
    make_due(instance)
    second = begin(instance)
    outside.make_calls(first)
    assert runs_of(instance) == [(StepRunStatus.Late, 1), (StepRunStatus.Running, 2)]
    outside.make_calls(second)
    assert builders.reload(instance).data == {"by": 2}
    assert status_of(instance) == "Complete"


def test_five_deaths_are_enough(install: Install) -> None:
    tested = install(Effects.EXTERNAL)
    instance = builders.start(published())
    for attempt in range(1, walking.MAXIMUM_ATTEMPTS + 1):
        (intent,) = begin(instance)
        assert intent.context.attempt == attempt
        make_due(instance)
    builders.run_until_quiet()
    assert status_of(instance) == "Failed"
    assert "its worker stopped" in builders.reload(instance).status_message
    assert tested.runs == 0
    lost = [(StepRunStatus.Lost, attempt) for attempt in range(1, 6)]
    assert runs_of(instance) == [*lost, (StepRunStatus.Failed, 6)]


def test_a_retry_waits_for_its_due_time(install: Install) -> None:
    pauses = [timedelta(minutes=5), timedelta(hours=1)]
    outcomes: list[Outcome] = [*(Retry(pause, "busy") for pause in pauses), Continue()]
    tested = install(Effects.EXTERNAL, lambda context: outcomes[context.attempt - 1])
    instance = builders.start(published())
    for pause in pauses:
        begun = timezone.now()
        builders.run_until_quiet()
        waiting = builders.reload(instance)
        assert (waiting.status, waiting.status_message) == (InstanceStatus.Running, "busy")
        assert waiting.ready_at is not None
        assert waiting.ready_at - begun >= pause
        make_due(instance)
    builders.run_until_quiet()
    assert status_of(instance) == "Complete"
    assert [context.attempt for context in tested.contexts] == [1, 2, 3]
    assert len({context.idempotency_key for context in tested.contexts}) == 1
    assert [status for status, _ in runs_of(instance)] == [
        StepRunStatus.Retried,
        StepRunStatus.Retried,
        StepRunStatus.Done,
    ]


def test_a_step_may_retry_more_often_than_workers_may_die(install: Install) -> None:
    often = walking.MAXIMUM_ATTEMPTS + 2

    def behave(context: StepContext) -> Outcome:
        return Continue() if context.attempt == often else Retry(timedelta(minutes=5), "busy")

    install(Effects.EXTERNAL, behave)
    instance = builders.start(published())
    for _ in range(often):
        builders.run_until_quiet()
        make_due(instance)
    assert status_of(instance) == "Complete"


def crash(context: StepContext) -> Outcome:
    raise RuntimeError("a secret of the data")


def leave(context: StepContext) -> Outcome:
    raise SystemExit(1)


def refuse(context: StepContext) -> Outcome:
    raise InvalidInput("the reason of ours")


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (crash, "an unexpected error; the log of the worker has the details"),
        (leave, "an unexpected error; the log of the worker has the details"),
        (refuse, "the reason of ours"),
        (lambda context: Fail("its own reason"), "its own reason"),
    ],
    ids=["crash", "exit", "our error", "failure"],
)
def test_a_call_that_fails_fails_the_instance_with_its_reason(
    install: Install, behave: object, reason: str
) -> None:
    install(Effects.EXTERNAL, behave)
    instance = builders.run(published())
    assert instance.status_message == f"Step '{STEP}' failed: {reason}"
    assert runs_of(instance) == [(StepRunStatus.Failed, 1)]


def test_a_result_that_cannot_be_stored_fails_alone(install: Install) -> None:
    def behave(context: StepContext) -> Outcome:
        return Retry(timedelta.max, "later") if context.data.get("bad") else Continue()

    install(Effects.EXTERNAL, behave)
    version = published()
    instances = [builders.start(version, {"bad": True} if number == 1 else {}) for number in range(3)]
    builders.run_until_quiet()
    assert [status_of(each) for each in instances] == ["Complete", "Failed", "Complete"]
    assert builders.reload(instances[1]).ready_at is None
    assert runs_of(instances[1]) == [(StepRunStatus.Failed, 1)]


def test_results_that_arrive_together_are_stored_together(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each commit costs a disk's answer; twenty results cost fewer than twenty."""
    together = threading.Barrier(20, timeout=30)

    def behave(context: StepContext) -> Outcome:
        together.wait()
        return Continue()

    stored: list[int] = []
    store = outside._store
    monkeypatch.setattr(outside, "_store", lambda results: stored.append(len(results)) or store(results))
    install(Effects.EXTERNAL, behave)
    version = published()
    instances = [builders.start(version) for _ in range(20)]
    builders.run_until_quiet()
    assert {status_of(each) for each in instances} == {"Complete"}
    assert sum(stored) == 20
    assert len(stored) < 20


def test_what_there_was_no_time_to_walk_goes_on_in_a_later_turn(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(Effects.EXTERNAL)
    version = published(2)
    instances = [builders.start(version) for _ in range(3)]
    intents = begin(instances[0])
    with monkeypatch.context() as patched:
        patched.setattr(moving, "BUDGET", -1.0)
        outside.make_calls(intents)
    assert {status_of(each) for each in instances} == {"Running"}
    builders.run_until_quiet()
    assert {status_of(each) for each in instances} == {"Complete"}


def test_a_quick_pure_step_after_the_call_is_part_of_its_commit(install: Install) -> None:
    install(Effects.EXTERNAL)
    instance = builders.start(published())
    outside.make_calls(begin(instance))
    assert status_of(instance) == "Complete"


def test_a_slow_step_after_the_call_waits_for_a_turn_of_its_own(install: Install) -> None:
    install(Effects.EXTERNAL, lambda context: Continue({"slow": True}))
    slow = install(Effects.TRANSACTIONAL, name="Slow")
    chain = builders.chain(builders.step("Scripted", STEP), builders.step("Slow", "Slow"))
    instance = builders.start(builders.publish(chain))
    outside.make_calls(begin(instance))
    assert (status_of(instance), slow.runs) == ("Running", 0)
    builders.run_until_quiet()
    assert (status_of(instance), slow.runs) == ("Complete", 1)


@pytest.mark.django_db(transaction=True)
def test_a_slow_call_holds_no_worker(install: Install) -> None:
    """Calls handed over go on while the turn's thread takes the next turn."""
    answered = threading.Event()
    install(Effects.EXTERNAL, lambda context: Continue() if answered.wait(30) else Fail("nobody answered"))
    waiting = builders.start(published())
    turns.run_turns("interactive")
    other = builders.start(builders.publish(builders.noops(2)))
    turns.run_turns("interactive")
    assert (status_of(waiting), status_of(other)) == ("Running", "Complete")
    answered.set()
    outside.wait_for_calls(30)
    assert status_of(waiting) == "Complete"


@pytest.mark.django_db(transaction=True)
def test_no_more_calls_are_begun_than_a_process_may_have(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not begun keeps no lease, so that it does not look like a crash later."""
    answered = threading.Event()
    install(Effects.EXTERNAL, lambda context: Continue() if answered.wait(30) else Fail("nobody answered"))
    monkeypatch.setattr(outside, "CALLS_AT_ONCE", 4)
    version = published()
    for _ in range(6):
        builders.start(version)
    turns.run_turns("interactive")
    assert StepRun.objects.filter(step_name=STEP).count() == 4
    answered.set()
    outside.wait_for_calls(30)
    turns.run_turns("interactive")
    outside.wait_for_calls(30)
    assert Instance.objects.filter(status=InstanceStatus.Complete).count() == 6
    assert not StepRun.objects.filter(attempt__gt=1).exists()


def test_a_result_that_was_stored_and_not_heard_of_is_not_late(install: Install) -> None:
    """The connection broke with the answer to COMMIT, so the same result is stored again."""
    install(Effects.EXTERNAL)
    instance = builders.start(published())
    (intent,) = begin(instance)
    for _ in range(2):
        outside._store([(intent, Continue())])
    assert runs_of(instance) == [(StepRunStatus.Done, 1)]


@pytest.mark.django_db(transaction=True)
def test_results_survive_a_lost_connection(install: Install) -> None:
    """The call was made; forgetting its result would make it again."""
    install(Effects.EXTERNAL)
    instance = builders.start(published())
    intents = begin(instance)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    killer.close()
    assert not transaction.get_connection().in_atomic_block
    outside.make_calls(intents)
    assert status_of(instance) == "Complete"
    assert runs_of(instance) == [(StepRunStatus.Done, 1)]
