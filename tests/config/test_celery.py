"""The Celery application does what the engine counts on."""

from __future__ import annotations

from config.celery import app
from workflows.engine.queue import Queue


def test_the_queues_are_those_of_the_engine() -> None:
    assert set(app.conf.task_queues) == {queue.value for queue in Queue}


def test_a_killed_workers_message_comes_back() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]


def test_beats_messages_expire_so_that_they_never_pile_up() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] <= 2 * entry["schedule"]


def test_what_needs_a_ca_key_goes_to_those_who_may_use_it() -> None:
    queues = {entry["task"]: entry["options"]["queue"] for entry in app.conf.beat_schedule.values()}
    assert queues.pop("workflows.publish_crls") == Queue.SIGNING
    assert set(queues.values()) == {"maintenance"}
