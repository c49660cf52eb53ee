"""Whom an approval asked before the upgrade is known after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import builders
from workflows.actions import approvals
from workflows.errors import AlreadyDecided
from workflows.models import Instance, Role, StepRun

NAME = "RequireApproval1"


@pytest.fixture
def _latest() -> Iterator[None]:
    """Whatever happens, the database ends as it was."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("workflows"))


def wait(role: Role, *, by_name: bool) -> Instance:
    asking = builders.approval(NAME, roles=[role])
    if by_name:
        asking["Signals"] = [{"SignalName": "ApprovalStatus", "RoleTokens": [role.name]}]
    return builders.run(builders.publish(builders.chain(asking)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_latest")
def test_who_comes_late_learns_who_decided_after_the_upgrade() -> None:
    ada, bob = builders.user("ada"), builders.user("bob")
    role = builders.role("Approvers", ada, bob)
    ended, waiting = wait(role, by_name=False), wait(role, by_name=True)
    approvals.approve(ended.guid, actor=builders.actor(ada), step_name=NAME)
    for name in ("0020_own_requests", "0021_asked_roles"):
        MigrationExecutor(connection).migrate([("workflows", name)])
    found = dict(StepRun.objects.filter(step_name=NAME).values_list("instance", "role_ids"))
    assert found == {ended.pk: None, waiting.pk: [role.pk]}
    approvals.approve(waiting.guid, actor=builders.actor(ada), step_name=NAME)
    for instance in (ended, waiting):
        with pytest.raises(AlreadyDecided, match="approved by COUNTERSIGN"):
            approvals.approve(instance.guid, actor=builders.actor(bob), step_name=NAME)
