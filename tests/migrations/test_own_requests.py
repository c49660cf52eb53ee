"""What waited before the upgrade is guarded after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import builders
from workflows.access import policies
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
    assert PendingSignal.objects.get(instance=own).excluded_ids == [person.pk]
    assert PendingSignal.objects.get(instance=allowed).excluded_ids == []
    assigned = Instance.objects.filter(policies.assigned_to(builders.actor(person)))
    assert list(assigned) == [allowed]
