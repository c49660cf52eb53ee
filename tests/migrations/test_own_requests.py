"""What waited before the upgrade is guarded after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import builders
from workflows.access import policies
from workflows.actions import approvals
from workflows.errors import SignalForbidden
from workflows.models import Instance, PendingSignal, User


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("workflows", name)])


@pytest.fixture
def _latest() -> Iterator[None]:
    """Whatever happens, the database ends as it was."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("workflows"))


def wait(person: User, **parameters: bool) -> Instance:
    role = builders.role(f"Approvers {len(parameters)}", person)
    version = builders.publish(builders.chain(builders.approval(roles=[role], **parameters)))
    return builders.run(version, initiator_id=person.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_latest")
def test_nobody_may_approve_his_own_request_after_the_upgrade() -> None:
    person = builders.user("ada")
    own, allowed = wait(person), wait(person, AllowSelfApproval=True)
    migrate("0019_spans_of_start_alone")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflows_pendingsignal SET allows_self = true WHERE instance_id = %s", [allowed.pk]
        )
    migrate("0020_own_requests")
    with connection.cursor() as cursor:
        cursor.execute("SELECT instance_id, excluded_ids FROM workflows_pendingsignal")
        assert dict(cursor.fetchall()) == {own.pk: [person.pk], allowed.pk: []}
    migrate("0022_assigned_by_index")
    assigned = Instance.objects.filter(policies.assigned_to(builders.actor(person)))
    assert list(assigned) == [allowed]


@pytest.mark.django_db
def test_what_a_worker_of_the_release_before_writes_meanwhile_is_guarded_too() -> None:
    person, other = builders.user("ada"), builders.user("bob")
    own = wait(person)
    own.pending_signals.get().role.members.add(other)
    PendingSignal.objects.update(excluded_ids=None)
    for who, is_asked in ((person, False), (other, True)):
        actor = builders.actor(who)
        assert Instance.objects.filter(policies.assigned_to(actor)).exists() == is_asked
        assert bool(policies.assigned_ids(actor, 9)) == is_asked
    with pytest.raises(SignalForbidden):
        approvals.approve(own.guid, actor=builders.actor(person), step_name="RequireApproval1")
    approvals.approve(own.guid, actor=builders.actor(other), step_name="RequireApproval1")
