"""What every workflow type promises, and what the scheduled ones say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.actions.conftest import world
from workflows.engine import registry
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.errors import InvalidInput
from workflows.models import CertificateTemplate
from workflows.vocabulary.workflow_types import WorkflowType

__all__ = ["world"]

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


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draws=st.data())
def test_a_key_has_one_spelling(world: object, draws: Any) -> None:
    """Else two definitions would serve one key, and which of them runs would be chance (D16)."""
    ids = st.sampled_from(sorted(CertificateTemplate.objects.values_list("pk", flat=True)))
    parts = draws.draw(st.lists(ids, min_size=1, max_size=2))
    text = ":".join(draws.draw(spellings(part)) for part in parts)
    plain = ":".join(map(str, parts))
    taken = [spec.name for spec in registry.workflow_types() if _takes(spec, text)]
    assert text == plain or not taken


def spellings(number: int) -> st.SearchStrategy[str]:
    """What Python's `int` reads as this number."""
    plain, digits = str(number), "0123456789"
    foreign = (digits, "\N{ARABIC-INDIC DIGIT ZERO}", "\N{FULLWIDTH DIGIT ZERO}")
    tables = [str.maketrans(digits, "".join(chr(ord(zeros[0]) + n) for n in range(10))) for zeros in foreign]
    written = st.sampled_from([plain.translate(table) for table in tables])
    around = st.sampled_from(["{}", "0{}", "000{}", "+{}", " {}", "{} ", "{}\n", "{}.0", "0_{}", "{{{}}}"])
    return st.builds(str.format, around, written)


def _takes(spec: WorkflowTypeSpec, key: str) -> bool:
    try:
        spec.key_display_name(key)
    except InvalidInput:
        return False
    return True


@pytest.mark.django_db
@pytest.mark.parametrize("workflow_type", [WorkflowType.Enrollment, WorkflowType.Revocation])
def test_a_template_is_named_by_its_id_only(world: object, workflow_type: WorkflowType) -> None:
    template = CertificateTemplate.objects.latest("pk")
    assert spec_of(workflow_type).key_display_name(str(template.pk)) == template.display_name
    for key in (f"0{template.pk}", f" {template.pk}", f"+{template.pk}", "9" * 30, "0", ""):
        with pytest.raises(InvalidInput, match="is not the id of a certificate template"):
            spec_of(workflow_type).key_display_name(key)


@pytest.mark.parametrize("workflow_type", SCHEDULED)
def test_only_stores_take_a_container(workflow_type: WorkflowType) -> None:
    if workflow_type not in STORES:
        with pytest.raises(InvalidInput):
            spec_of(workflow_type).key_display_name("3:12")
