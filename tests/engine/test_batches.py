"""Batches: one bad instance fails alone, and none holds up the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests import builders
from tests.engine.conftest import Install
from workflows.engine import compiling, listening, registry, turns
from workflows.engine.contracts import Continue, Effects, Fail, Outcome, Retry, StepContext
from workflows.models import Instance, StepRun
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


def start_each(*data: dict[str, object]) -> list[Instance]:
    version = builders.publish(builders.chain(builders.step("Scripted", "Tested")))
    return [builders.start(version, each) for each in data]


def statuses(instances: Sequence[Instance]) -> list[str]:
    return [InstanceStatus(builders.reload(each).status).name for each in instances]


@pytest.mark.parametrize("text", ["a NUL \x00.", "half a pair \ud800."])
@pytest.mark.parametrize("effects", [Effects.PURE, Effects.TRANSACTIONAL, Effects.EXTERNAL])
def test_a_message_is_stored_without_what_the_database_does_not_have(
    install: Install, effects: Effects, text: str
) -> None:
    install(effects, lambda context: Continue(message=text))
    (instance,) = start_each({})
    builders.run_until_quiet()
    assert statuses([instance]) == ["Complete"]
    assert builders.reload(instance).status_message.endswith(" \N{REPLACEMENT CHARACTER}.")


def test_a_result_that_cannot_be_stored_fails_its_instance_alone(install: Install) -> None:
    """A retry in 9,000 years is a date that no column holds."""
    install(
        Effects.PURE,
        lambda context: Retry(timedelta.max, "later") if context.data.get("bad") else Continue(),
    )
    instances = start_each({}, {"bad": True}, {})
    builders.run_until_quiet()
    assert statuses(instances) == ["Complete", "Failed", "Complete"]
    assert builders.reload(instances[1]).status_message == turns.GIVEN_UP


def test_a_statement_that_fails_inside_a_step_fails_its_instance_alone(install: Install) -> None:
    def behave(context: StepContext) -> Outcome:
        if context.data.get("bad"):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return Continue()

    install(Effects.TRANSACTIONAL, behave)
    instances = start_each({}, {"bad": True}, {})
    builders.run_until_quiet()
    assert statuses(instances) == ["Complete", "Failed", "Complete"]


def test_a_step_whose_statement_takes_too_long_does_not_hold_up_the_queue(install: Install) -> None:
    def behave(context: StepContext) -> Outcome:
        if context.data.get("bad"):
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)")
        return Continue()

    install(Effects.TRANSACTIONAL, behave)
    instances = start_each({"bad": True}, {}, {})
    builders.run_until_quiet()
    assert statuses(instances) == ["Failed", "Complete", "Complete"]


def test_a_lock_that_is_not_to_be_had_puts_the_step_off(install: Install) -> None:
    """Somebody else's long transaction is no reason to fail, and none to come back at once."""

    def behave(context: StepContext) -> Outcome:
        if context.data.get("bad"):
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$")
        return Continue()

    install(Effects.TRANSACTIONAL, behave)
    instances = start_each({"bad": True}, {}, {})
    builders.run_until_quiet()
    assert statuses(instances) == ["Running", "Complete", "Complete"]
    put_off = builders.reload(instances[0])
    assert put_off.ready_at is not None
    assert put_off.ready_at > timezone.now()
    assert not StepRun.objects.filter(instance=put_off).exists()


def test_a_handler_that_crashes_says_nothing_of_the_data(install: Install) -> None:
    def behave(context: StepContext) -> Outcome:
        raise RuntimeError(f"cannot handle {context.data}")

    install(Effects.PURE, behave)
    (instance,) = start_each({"secret": "hunter2"})
    builders.run_until_quiet()
    assert statuses([instance]) == ["Failed"]
    assert "hunter2" not in builders.reload(instance).status_message


def test_a_step_that_looks_at_its_data_wrongly_while_it_is_judged_fails_alone(install: Install) -> None:
    """Not only `run` is written by the author of a step type."""
    tested = install(Effects.EXTERNAL)
    tested.deadline = lambda context: timedelta(seconds=context.data["wait"])  # type: ignore[method-assign]
    instances = start_each({"wait": 1}, {}, {"wait": 2})
    builders.run_until_quiet()
    assert statuses(instances) == ["Complete", "Failed", "Complete"]


def test_an_extension_that_is_gone_fails_its_instances_alone(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(Effects.PURE)
    (orphan,) = start_each({})
    monkeypatch.delitem(registry._steps, "scripted")
    compiling._compiled.pop(orphan.version_id, None)
    other = builders.start(builders.publish(builders.noops(3)))
    builders.run_until_quiet()
    assert statuses([orphan, other]) == ["Failed", "Complete"]
    assert "Scripted" in builders.reload(orphan).status_message


def test_an_instance_that_somebody_else_has_moved_on_is_left_alone(install: Install) -> None:
    """Between a failed batch and its second try, one by one, another worker may have begun a call."""
    tested = install(Effects.EXTERNAL)
    (instance,) = start_each({})
    turns._batch("interactive", turns.BATCH)
    before = builders.reload(instance)
    turns._alone(instance.pk)
    after = builders.reload(instance)
    assert (after.run_id, after.attempt) == (before.run_id, before.attempt)
    assert tested.runs == 0


@pytest.mark.django_db(transaction=True)
def test_while_a_slow_step_runs_no_other_instance_is_locked(install: Install) -> None:
    locked: list[int] = []

    def behave(context: StepContext) -> Outcome:
        if context.data.get("slow"):
            locked.append(len(instances) - free_rows())
        return Continue()

    install(Effects.TRANSACTIONAL, behave)
    instances = start_each({"slow": True}, {}, {"slow": True}, {"slow": True})
    builders.run_until_quiet()
    assert statuses(instances) == ["Complete"] * 4
    assert locked == [1, 1, 1]


def free_rows() -> int:
    """How many instances another connection could lock now."""
    with psycopg.connect(**listening.parameters()) as other:
        return len(other.execute("SELECT FROM workflows_instance FOR NO KEY UPDATE SKIP LOCKED").fetchall())


def test_a_result_that_is_too_large_fails_with_its_reason(install: Install) -> None:
    install(Effects.PURE, lambda context: Continue({"text": "x" * 2**20}))
    (instance,) = start_each({})
    builders.run_until_quiet()
    assert "its result cannot be stored" in builders.reload(instance).status_message


def test_an_output_that_the_step_does_not_have_fails_with_its_reason(install: Install) -> None:
    install(Effects.PURE, lambda context: Continue(output="sideways"))
    (instance,) = start_each({})
    builders.run_until_quiet()
    assert "sideways" in builders.reload(instance).status_message


def test_a_failure_may_bring_a_message_of_the_reference(install: Install) -> None:
    install(Effects.PURE, lambda context: Fail("", message="Access is denied"))
    (instance,) = start_each({})
    builders.run_until_quiet()
    assert builders.reload(instance).status_message == "Access is denied"


def test_due_times_are_kept(install: Install) -> None:
    install(Effects.PURE)
    (instance,) = start_each({})
    Instance.objects.filter(pk=instance.pk).update(ready_at=timezone.now() + timedelta(minutes=1))
    assert turns.take_turn("interactive") == 0
