"""PostgreSQL goes away in the middle of a turn and is back before anybody looks: nobody is to blame."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, connections

from tests import builders
from tests.engine.conftest import Install
from workflows.engine import turns
from workflows.engine.contracts import Continue, Effects, Outcome, StepContext
from workflows.models import StepRun
from workflows.vocabulary.statuses import InstanceStatus


def end_session(pid: int) -> None:
    """From another session, as a server that stops does to all of them."""

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        connections.close_all()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends", [1, 2])
def test_a_lost_connection_fails_no_instance(install: Install, ends: int) -> None:
    left = [None] * ends

    def behave(context: StepContext) -> Outcome:
        if left:
            left.pop()
            end_session(connection.connection.info.backend_pid)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Continue()

    install(Effects.TRANSACTIONAL, behave)
    instance = builders.start(builders.publish(builders.chain(builders.step("Scripted", "Tested"))))
    for _ in range(ends):
        with pytest.raises(OperationalError):
            turns.take_turn("interactive")
    builders.run_until_quiet()
    assert builders.reload(instance).status == InstanceStatus.Complete
    assert StepRun.objects.filter(instance=instance, step_name="Tested").count() == 1
