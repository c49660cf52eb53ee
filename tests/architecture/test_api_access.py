"""The whole API against a caller without credentials, without rights, and with exactly the right one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from tests.api.clients import ApiClient
from tests.architecture.operations import Operation, operations
from workflows.api.profiles import MOUNTS
from workflows.vocabulary.permissions import TREE

ALL = operations()
# Needs a log-in and no permission: what it shows is the caller's own, or decided by the object.
FOR_EVERYBODY = {
    "DELETE /Security/Tokens/{token_id}",
    "GET /Security/My",
    "GET /Security/Tokens",
    "GET /Status/Endpoints",
    "GET /Status/HealthCheck",
    "GET /schema",
    "POST /Enrollment/CSR/Parse",
    "POST /Security/Tokens",
    "POST /Workflow/Instances/{instance_id}/Signals",
}
# Sends who is not logged in to the log-in page.
PAGES = {"GET /docs"}

pytestmark = pytest.mark.django_db
each_operation = pytest.mark.parametrize("operation", ALL, ids=str)


def test_what_is_open_to_more_than_a_permission_is_named_here() -> None:
    assert {str(each) for each in ALL if each.is_public} == PAGES
    assert {str(each) for each in ALL if not each.is_public and not each.permissions} == FOR_EVERYBODY


@each_operation
@pytest.mark.parametrize("mount", MOUNTS.values())
def test_nobody_gets_in_without_a_log_in(operation: Operation, mount: str) -> None:
    answer = ApiClient(mount=f"/{mount}").call(operation.verb, operation.sample, {})
    assert answer.status_code == (302 if operation.is_public else 401)


@each_operation
def test_a_stranger_gets_nothing(operation: Operation, stranger: ApiClient) -> None:
    """The right is asked for before anything is read: not even a bad request says more than 403."""
    answer = stranger.call(operation.verb, operation.sample, {})
    refused = {403} if operation.permissions else {200, 204, 302, 400, 404}
    assert answer.status_code in refused, answer.content


@pytest.mark.parametrize("operation", [each for each in ALL if each.permissions], ids=str)
def test_all_the_others_together_are_not_enough(
    operation: Operation, caller: Callable[..., ApiClient]
) -> None:
    others = [held for held in TREE if not any(each.startswith(held) for each in operation.permissions)]
    answer = caller(*others).call(operation.verb, operation.sample, {})
    assert answer.status_code == 403, answer.content


@pytest.mark.parametrize("operation", [each for each in ALL if each.permissions], ids=str)
def test_each_of_the_permissions_is_enough(operation: Operation, caller: Callable[..., ApiClient]) -> None:
    """Nothing that the operation calls asks for another one, unless its description says so."""
    for held in product(operation.permissions, operation.beside or ("",)):
        answer = caller(*filter(None, held)).call(operation.verb, operation.sample, {})
        assert answer.status_code in {200, 204, 400, 404}, (held, answer.content)


@pytest.mark.parametrize("operation", [each for each in ALL if each.beside], ids=str)
def test_without_what_is_asked_besides_it_is_refused_and_not_listed(
    operation: Operation, caller: Callable[..., ApiClient]
) -> None:
    asked = (*operation.permissions, *operation.beside)
    others = [held for held in TREE if not any(each.startswith(held) for each in asked)]
    without, whole = caller(*operation.permissions, *others), caller(*asked)
    answer = without.call(operation.verb, operation.sample, {})
    assert answer.status_code == 403, answer.content
    assert str(operation) not in without.get("Status/Endpoints").json()
    assert str(operation) in whole.get("Status/Endpoints").json()
