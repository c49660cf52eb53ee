"""The published client searches, sorts and pages all three lists, and does all that is done to instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from command_v11_client.api.workflow_definition import post_workflow_definitions_definition_id_publish
from command_v11_client.api.workflow_instance import (
    delete_workflow_instances_instance_id,
    get_workflow_instances,
    get_workflow_instances_assigned_to_me,
    get_workflow_instances_instance_id,
    get_workflow_instances_my,
    post_workflow_instances_instance_id_restart,
    post_workflow_instances_instance_id_signals,
    post_workflow_instances_instance_id_stop,
)
from command_v11_client.client import AuthenticatedClient
from command_v11_client.errors import UnexpectedStatus
from command_v11_client.models import KeyfactorCommonQueryableExtensionsSortOrder as SortOrder

from tests.functional.cast import PASSWORD, Cast, approval, from_start_to_end
from tests.functional.sdk.clients import (
    COMPLETE,
    REJECTED,
    SUSPENDED,
    client_of,
    decision,
    enroll,
    instance,
    reaches,
)

ASCENDING, DESCENDING = SortOrder(0), SortOrder(1)
signal = post_workflow_instances_instance_id_signals.sync_detailed


@pytest.fixture
def requester(cast: Cast) -> Iterator[AuthenticatedClient]:
    cast.person("requester", "/certificates/enrollment/csr/", "/workflows/instances/read/mine/")
    with client_of(cast.product, cast.account("requester"), PASSWORD) as client:
        yield client


@pytest.fixture
def waiting(requester: AuthenticatedClient, approver: AuthenticatedClient, definition: Any) -> list[str]:
    """Five requests of one person, in the order in which they were made."""
    return [enroll(requester).workflow_instance_id for _ in range(5)]


def ids(rows: Any) -> list[str]:
    return [row.id for row in rows]


def everywhere(
    administrator: AuthenticatedClient, requester: AuthenticatedClient, approver: AuthenticatedClient
) -> list[Callable[..., Any]]:
    lists = (
        (get_workflow_instances, administrator),
        (get_workflow_instances_my, requester),
        (get_workflow_instances_assigned_to_me, approver),
    )
    return [
        lambda each=each, client=client, **query: each.sync(client=client, **query) for each, client in lists
    ]


def test_each_list_is_searched_sorted_and_paged(
    administrator_client: AuthenticatedClient,
    requester: AuthenticatedClient,
    approver: AuthenticatedClient,
    definition: Any,
    waiting: list[str],
) -> None:
    ours = f'DefinitionId -eq "{definition.id}" AND Status -eq 2'
    for rows in everywhere(administrator_client, requester, approver):
        by_age = {"query_string": ours, "sort_field": "ReferenceId"}
        assert ids(rows(**by_age, sort_ascending=ASCENDING)) == waiting
        assert ids(rows(**by_age, sort_ascending=DESCENDING)) == waiting[::-1]
        pages = [ids(rows(**by_age, return_limit=2, page_returned=number)) for number in (1, 2, 3, 4)]
        assert pages == [waiting[:2], waiting[2:4], waiting[4:], []]
        for query in (
            f'Id -eq "{waiting[2]}"',
            f'({ours}) AND (Title -contains "Key Example builds") AND Id -eq "{waiting[2]}"',
            f'Id -eq "{waiting[2]}" AND StartDate -ge "%TODAY%" AND LastModified -lt "%TODAY+1%"',
            f'Id -eq "{waiting[2]}" OR Id -eq NULL',
        ):
            assert ids(rows(query_string=query)) == [waiting[2]]
        (row,) = rows(query_string=f'Id -eq "{waiting[0]}"')
        assert (row.status, row.current_step_unique_name) == (SUSPENDED, "Approve")
        assert (row.definition.id, row.definition.version) == (definition.id, 1)
        assert row.last_modified >= row.start_date
        with pytest.raises(UnexpectedStatus) as refused:
            rows(query_string="Status -eq")
        assert refused.value.status_code == 400
        assert b"at character 11" in refused.value.content


def test_signals_stop_restart_and_delete(
    cast: Cast,
    administrator_client: AuthenticatedClient,
    approver: AuthenticatedClient,
    definition: Any,
    waiting: list[str],
) -> None:
    client = administrator_client
    approved, denied, stopped, restarted, kept = waiting
    assert signal(approved, client=approver, json_body=decision(approved=True)).status_code == 204
    assert (
        signal(denied, client=approver, json_body=decision(approved=False, comment="No")).status_code == 204
    )
    assert reaches(client, approved, COMPLETE)
    assert reaches(client, denied, REJECTED)
    assert not instance(client, approved).signals
    assert instance(client, approved).current_state_data["serialNumber"]
    left = get_workflow_instances_assigned_to_me.sync(client=approver, sort_field="ReferenceId")
    assert ids(left) == [stopped, restarted, kept]

    role = definition.steps[1].signals[0].role_ids[0]
    cast.put(f"Workflow/Definitions/{definition.id}/Steps", from_start_to_end(approval(role, 1)))
    post_workflow_definitions_definition_id_publish.sync(definition.id, client=client)
    assert post_workflow_instances_instance_id_stop.sync_detailed(stopped, client=client).status_code == 204
    versions = [
        start_anew(client, old, version)
        for old, version in ((stopped, 1), (stopped, None), (restarted, None))
    ]
    assert versions == [1, 2, 2]
    with pytest.raises(UnexpectedStatus, match="400"):
        post_workflow_instances_instance_id_restart.sync_detailed(kept, client=client, version=1)
    with pytest.raises(UnexpectedStatus, match="409"):
        delete_workflow_instances_instance_id.sync_detailed(kept, client=client)
    for finished in (approved, denied, stopped, restarted):
        assert delete_workflow_instances_instance_id.sync_detailed(finished, client=client).status_code == 204
        with pytest.raises(UnexpectedStatus, match="404"):
            get_workflow_instances_instance_id.sync(finished, client=client)


def start_anew(client: AuthenticatedClient, old: str, version: int | None) -> int:
    """Restart it; the version of the new instance, which the answer's Location names and which is stopped."""
    query = {} if version is None else {"version": version}
    answer = post_workflow_instances_instance_id_restart.sync_detailed(old, client=client, **query)
    assert answer.status_code == 204
    new = httpx2.URL(answer.headers["Location"]).path.rpartition("/")[2]
    assert reaches(client, new, SUSPENDED)
    assert post_workflow_instances_instance_id_stop.sync_detailed(new, client=client).status_code == 204
    return int(instance(client, new).definition.version)
