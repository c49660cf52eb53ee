"""What every workflow type promises, and what the scheduled ones say of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.engine import registry
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.errors import InvalidInput
from workflows.vocabulary.workflow_types import WorkflowType

SCHEDULED = [each for each in WorkflowType if each not in (WorkflowType.Enrollment, WorkflowType.Revocation)]
STORES = (WorkflowType.CertificateEnteredStore, WorkflowType.CertificateLeftStore)

TITLES: list[tuple[WorkflowType, dict[str, Any], str]] = [
    (
        WorkflowType.CertificateEnteredCollection,
        {"CertificateId": 7},
        "Timer Service is handling certificate with id 7, which entered a collection.",
    ),
    (
        WorkflowType.CertificateLeftCollection,
        {"CertificateId": 7, "CommonName": "www"},
        "Timer Service is handling certificate with CN=www, which left a collection.",
    ),
    (
        WorkflowType.CertificateEnteredStore,
        {"CertificateId": 7},
        "Timer Service is handling certificate with id 7, which entered a certificate store.",
    ),
    (
        WorkflowType.CertificateLeftStore,
        {"CertificateId": 7},
        "Timer Service is handling certificate with id 7, which left a certificate store.",
    ),
    (
        WorkflowType.Expiration,
        {"AlertId": 1, "CertificateId": 7},
        "Timer Service is handling the expiration of certificate with id 7.",
    ),
    (
        WorkflowType.KeyRotation,
        {"AlertId": 1, "Serial": "4F", "Username": "deploy"},
        "Timer Service is handling the rotation of the SSH key of deploy.",
    ),
    (
        WorkflowType.RevocationMonitoring,
        {"AlertId": 1, "Status": "Expired", "URL": "http://ca.example/r.crl"},
        "Timer Service is handling the state Expired of http://ca.example/r.crl.",
    ),
]


def spec_of(workflow_type: WorkflowType) -> WorkflowTypeSpec:
    spec = registry.workflow_type(workflow_type)
    assert spec is not None
    return spec


@pytest.mark.parametrize("workflow_type", WorkflowType)
def test_every_documented_type_is_installed(workflow_type: WorkflowType) -> None:
    spec = spec_of(workflow_type)
    assert spec.display_name
    assert spec.key_type
    assert spec.context_parameters


@pytest.mark.parametrize(("workflow_type", "data", "title"), TITLES)
def test_a_title_says_who_and_what(workflow_type: WorkflowType, data: dict[str, Any], title: str) -> None:
    assert spec_of(workflow_type).title("Timer Service", data) == title


def test_each_scheduled_type_has_a_title() -> None:
    assert sorted(each for each, _, _ in TITLES) == sorted(SCHEDULED)


@pytest.mark.parametrize("workflow_type", [each for each in SCHEDULED if each not in STORES])
def test_a_key_is_an_id(workflow_type: WorkflowType) -> None:
    assert spec_of(workflow_type).key_display_name("12") == "12"


@pytest.mark.parametrize("workflow_type", STORES)
def test_the_name_of_a_store_key_is_made_of_type_and_container(workflow_type: WorkflowType) -> None:
    spec = spec_of(workflow_type)
    assert spec.key_display_name("3") == "Store type 3"
    assert spec.key_display_name("3:12") == "Store type 3, container 12"


@pytest.mark.parametrize("workflow_type", SCHEDULED)
@pytest.mark.parametrize(
    "key",
    ["", "0", "-1", "007", "1.5", "abc", "\N{FULLWIDTH DIGIT ONE}", "1\n", "1" * 40, "1:2:3", ":1", "1:"],
)
def test_anything_else_is_refused(workflow_type: WorkflowType, key: str) -> None:
    with pytest.raises(InvalidInput, match="must be the id of"):
        spec_of(workflow_type).key_display_name(key)


@pytest.mark.parametrize("workflow_type", SCHEDULED)
def test_only_stores_take_a_container(workflow_type: WorkflowType) -> None:
    if workflow_type not in STORES:
        with pytest.raises(InvalidInput):
            spec_of(workflow_type).key_display_name("3:12")
