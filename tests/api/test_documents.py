"""The description of the API, and the reference made from it."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.api.clients import ApiClient
from workflows.api.profiles import Profile
from workflows.api.reference import resources
from workflows.api.schema import description


def test_each_mount_describes_itself(stranger: ApiClient) -> None:
    named = stranger.get("schema").json()
    numbered = stranger.at("/KeyfactorAPI/").get("schema").json()
    assert named["openapi"].startswith("3.")
    assert "/api/Templates" in named["paths"]
    assert "/KeyfactorAPI/Templates" in numbered["paths"]
    kinds = [
        each["components"]["schemas"]["MetadataFieldAnswer"]["properties"]["DataType"]["type"]
        for each in (named, numbered)
    ]
    assert kinds == ["string", "integer"]


def test_nobody_reads_it_without_logging_in(db: None) -> None:
    assert ApiClient().get("schema").status_code == 401


@pytest.mark.parametrize("path", ["/KeyfactorAPI/docs", "/API/docs", "/api/docs/"])
def test_every_mount_leads_to_the_one_reference(db: None, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/api/docs")


def test_who_is_not_logged_in_is_sent_there(db: None) -> None:
    answer = Client().get("/api/docs")
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=%2Fapi%2Fdocs")


def test_the_reference_holds_every_operation_with_its_permissions() -> None:
    shown = {(each.verb, each.path): each.permissions for group in resources() for each in group.operations}
    described = {
        (verb.upper(), path): tuple(operation.get("x-permissions", ()))
        for path, verbs in description(Profile.DOCUMENTED)["paths"].items()
        for verb, operation in verbs.items()
    }
    assert shown == described
    assert shown["GET", "/api/Audit"] == ("/auditing/read/",)


def test_every_body_and_answer_has_an_example_that_is_json() -> None:
    for each in (operation for group in resources() for operation in group.operations):
        assert each.body is None or json.loads(each.body) is not None, each.name
        assert each.answers[-1].status == "default"
        assert {"ErrorCode", "Message", "RequestId"} <= set(json.loads(each.answers[-1].example))
        assert all(json.loads(answer.example) is not None for answer in each.answers if answer.example)


def test_a_given_example_goes_before_a_made_one() -> None:
    operations = {each.name: each for group in resources() for each in group.operations}
    assert "COUNTERSIGN" in operations["GetWorkflowInstancesByInstanceId"].answers[0].example
