"""The published client searches, sorts and pages all three lists, and does all that is done to instances."""

from __future__ import annotations

import json
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
    CANCELED,
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
        lambda each=each, client=client, **query: whole(each.sync_detailed(client=client, **query))
        for each, client in lists
    ]


def whole(answer: Any) -> Any:
    """What the client has read, which is all that was answered; with the total, as `total`."""
    sent = [lower(row) for row in json.loads(answer.content)]
    assert [row.to_dict() for row in answer.parsed] == sent
    return Rows(answer.parsed, total=int(answer.headers["x-total-count"]))


def lower(value: Any) -> Any:
    """With the names as the client writes them."""
    if not isinstance(value, dict):
        return value
    return {name[:1].lower() + name[1:]: lower(each) for name, each in value.items()}


class Rows(list[Any]):
    def __init__(self, rows: Any, *, total: int) -> None:
        super().__init__(rows)
        self.total = total


def by_total(rows: Callable[..., Any], **query: Any) -> list[str]:
    """All ids as a client collects them that believes the total of the first answer."""
    first = rows(**query, return_limit=2)
    pages = range(2, -(-first.total // 2) + 1)
    return ids(first) + [each for n in pages for each in ids(rows(**query, return_limit=2, page_returned=n))]


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
        for field in ("ReferenceId", "StartDate", "Id"):
            order = sorted(waiting) if field == "Id" else waiting
            by = {"query_string": ours, "sort_field": field}
            assert ids(rows(**by, sort_ascending=ASCENDING)) == order
            assert ids(rows(**by, sort_ascending=DESCENDING)) == order[::-1]
        assert rows(**by_age).total == len(waiting)
        assert by_total(rows, **by_age) == waiting
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
    *,
    administrator_client: AuthenticatedClient,
    requester: AuthenticatedClient,
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
    assert instance(client, denied).status_message.startswith("Workflow rejected by user with Id ")
    assert instance(client, denied).current_state_data["approvalsignalcmnts"] == "No"

    role = definition.steps[1].signals[0].role_ids[0]
    cast.put(f"Workflow/Definitions/{definition.id}/Steps", from_start_to_end(approval(role, 1)))
    post_workflow_definitions_definition_id_publish.sync(definition.id, client=client)
    assert post_workflow_instances_instance_id_stop.sync_detailed(stopped, client=client).status_code == 204
    assert reaches(client, stopped, REJECTED)
    assert instance(client, stopped).status_message.startswith("Stopped by ")
    versions = [
        start_anew(client, old, version)
        for old, version in ((stopped, 1), (stopped, None), (restarted, None))
    ]
    assert versions == [1, 2, 2]
    assert instance(client, stopped).status is REJECTED
    assert instance(client, restarted).status is CANCELED
    mine = get_workflow_instances_my.sync(client=requester, sort_field="ReferenceId")
    assert (ids(mine)[:5], len(mine), len({row.title for row in mine})) == (waiting, 8, 1)
    with pytest.raises(UnexpectedStatus, match="400"):
        post_workflow_instances_instance_id_restart.sync_detailed(kept, client=client, version=1)
    with pytest.raises(UnexpectedStatus, match="409"):
        delete_workflow_instances_instance_id.sync_detailed(kept, client=client)
    for finished in (approved, denied, stopped, restarted):
        assert delete_workflow_instances_instance_id.sync_detailed(finished, client=client).status_code == 204
        with pytest.raises(UnexpectedStatus, match="404"):
            get_workflow_instances_instance_id.sync(finished, client=client)
    assert ids(get_workflow_instances_assigned_to_me.sync(client=approver)) == [kept]
    assert len(get_workflow_instances_my.sync(client=requester)) == 4


def start_anew(client: AuthenticatedClient, old: str, version: int | None) -> int:
    """Restart it; the version of the new instance, which the answer's Location names and which is stopped."""
    query = {} if version is None else {"version": version}
    answer = post_workflow_instances_instance_id_restart.sync_detailed(old, client=client, **query)
    assert answer.status_code == 204
    new = httpx2.URL(answer.headers["Location"]).path.rpartition("/")[2]
    assert reaches(client, new, SUSPENDED)
    assert post_workflow_instances_instance_id_stop.sync_detailed(new, client=client).status_code == 204
    return int(instance(client, new).definition.version)
