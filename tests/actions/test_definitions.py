"""Two people who change one definition at the same instant: nothing of either is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tests import builders
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import definitions
from workflows.errors import VersionConflict
from workflows.models import Definition

FIRST, SECOND = (builders.chain(builders.step("NOOPStep", name)) for name in ("First", "Second"))
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


@pytest.mark.django_db(transaction=True)
def test_a_save_that_waited_for_another_save_is_a_conflict() -> None:
    draft = _draft()

    def save() -> None:
        definitions.save_steps(draft.guid, SECOND, actor=TIMER_SERVICE, expected=read)

    read = definitions.etag(draft)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            definitions.save_steps(draft.guid, FIRST, actor=TIMER_SERVICE, expected=read)
            late = pool.submit(_closing, save)
            _wait_until_locked_out(late)
        with pytest.raises(VersionConflict):
            late.result()


@pytest.mark.django_db(transaction=True)
def test_a_publication_that_waited_for_a_save_publishes_what_was_saved() -> None:
    draft = _draft()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            definitions.save_steps(draft.guid, FIRST, actor=TIMER_SERVICE)
            late = pool.submit(_closing, lambda: definitions.publish(draft.guid, actor=TIMER_SERVICE))
            _wait_until_locked_out(late)
        late.result()
    published = Definition.objects.get(pk=draft.pk).published
    assert published is not None
    assert "First" in [step["UniqueName"] for step in published.steps]


def _draft() -> Definition:
    made = definitions.create(
        actor=TIMER_SERVICE, display_name="A draft", description="", workflow_type="Expiration", keys=[]
    )
    return definitions.save_steps(made.guid, SECOND, actor=TIMER_SERVICE)


def _closing(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()


def _wait_until_locked_out(act: Future[None]) -> None:
    """Until the other thread waits for our lock, or has ended without waiting."""
    while not act.done():
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            row = cursor.fetchone()
        if row and row[0]:
            return
        time.sleep(0.01)
