"""Roles and users: the last administrator stays, whoever comes at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from tests import builders
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import roles, users
from workflows.errors import Protected
from workflows.models import Role, User


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_role", [False, True])
def test_two_administrators_cannot_remove_each_other_at_the_same_instant(by_role: bool) -> None:
    first, second = builders.user("first"), builders.user("second")
    role = builders.role("Administrator", first, second, permissions=["/"])
    Role.objects.update(immutable=True)

    def remove(one: User, other: User) -> Callable[[], object]:
        if by_role:
            return lambda: roles.set_members(role.pk, [other.pk], actor=TIMER_SERVICE)
        return lambda: users.set_active(one.pk, False, actor=TIMER_SERVICE)

    for _ in range(5):
        User.objects.update(is_active=True)
        role.members.set([first, second])
        outcomes = at_once(remove(first, second), remove(second, first))
        assert role.members.filter(is_active=True).exists()
        if not by_role:
            assert sorted(outcomes) == ["Protected", "done"]


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run them in threads that meet at a barrier; the name of what each raised, or `done`."""
    barrier, outcomes = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            act()
            outcomes.append("done")
        except Protected as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
