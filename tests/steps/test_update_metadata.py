from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests import world as scenery
from tests.steps.running import NAME, problems_of, run_step, runs_of
from tests.world import World
from workflows.models import AuditEntry, Certificate, CertificateTemplate, MetadataField
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.enrollment import MetadataDataType
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> MetadataField:
    return MetadataField.objects.create(name="Owner", description="Who answers for it")


@pytest.fixture
def certificate(world: World) -> Certificate:
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    Certificate.objects.filter(pk=certificate.pk).update(metadata={"Site": "north"})
    return Certificate.objects.get(pk=certificate.pk)


def set_owner(certificate: Certificate, value: str, data: dict[str, Any] | None = None) -> None:
    data = {"CertificateId": certificate.pk, **(data or {})}
    instance = run_step("UpdateMetadata", {"Name": "owner", "Value": value}, data)
    assert instance.status == InstanceStatus.Complete
    certificate.refresh_from_db()


def test_it_sets_one_field_and_keeps_the_others(owner: MetadataField, certificate: Certificate) -> None:
    set_owner(certificate, "team $(name)", {"name": "blue"})
    assert certificate.metadata == {"Site": "north", "Owner": "team blue"}
    set_owner(certificate, "red")
    assert certificate.metadata == {"Site": "north", "Owner": "red"}
    set_owner(certificate, "")
    assert certificate.metadata == {"Site": "north"}


def test_the_change_is_audited(owner: MetadataField, certificate: Certificate) -> None:
    set_owner(certificate, "blue")
    entry = AuditEntry.objects.get(operation=Operation.Updated, immutable_identifier=str(certificate.pk))
    assert entry.user_name == "Timer Service"
    assert entry.before == {"Metadata": {"Site": "north"}}
    assert entry.after == {"Metadata": {"Site": "north", "Owner": "blue"}}


def test_a_later_token_reads_the_new_value(owner: MetadataField, certificate: Certificate) -> None:
    update = builders.step(
        "UpdateMetadata", "Update", ConfigurationParameters={"Name": "Owner", "Value": "blue"}
    )
    script = {
        "ScriptParameters": {"a": "$(metadata:Owner)", "b": "$(metadata:Site)"},
        "ScriptContent": '{"Read": [a, b]}',
    }
    read = builders.step("SetVariable", "Read", ConfigurationParameters=script)
    version = builders.publish(builders.chain(update, read))
    assert builders.run(version, {"CertificateId": certificate.pk}).data["Read"] == ["blue", "north"]


def enroll_with(world: World, *steps: builders.Step) -> Certificate:
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    builders.publish(builders.chain(*steps), WorkflowType.Enrollment, name="Own", keys=[key])
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    certificate.refresh_from_db()
    return certificate


@pytest.mark.parametrize("before", [True, False])
def test_in_an_enrollment_it_works_before_and_after_issuance(
    world: World, owner: MetadataField, before: bool
) -> None:
    update = builders.step(
        "UpdateMetadata", NAME, ConfigurationParameters={"Name": "Owner", "Value": "$(requester)"}
    )
    steps = [update, builders.step("EnrollStep", "KeyfactorEnroll")]
    certificate = enroll_with(world, *(steps if before else reversed(steps)))
    assert certificate.metadata == {"Owner": "COUNTERSIGN\\requester"}


@pytest.mark.parametrize(
    ("kind", "value", "accepted"),
    [
        (MetadataDataType.Integer, "12", True),
        (MetadataDataType.Integer, "twelve", False),
        (MetadataDataType.Boolean, "True", True),
        (MetadataDataType.Boolean, "yes", False),
        (MetadataDataType.Date, "2026-11-22", True),
        (MetadataDataType.Date, "tomorrow", False),
        (MetadataDataType.MultipleChoice, "blue", True),
        (MetadataDataType.MultipleChoice, "green", False),
    ],
)
def test_the_value_must_fit_the_field(
    certificate: Certificate, kind: MetadataDataType, value: str, accepted: bool
) -> None:
    MetadataField.objects.create(name="Typed", description="x", data_type=kind, options="red, blue")
    parameters = {"Name": "Typed", "Value": "$(given)"}
    instance = run_step("UpdateMetadata", parameters, {"CertificateId": certificate.pk, "given": value})
    certificate.refresh_from_db()
    assert certificate.metadata.get("Typed") == (value if accepted else None)
    if not accepted:
        assert instance.status == InstanceStatus.Failed
        assert instance.status_message.startswith("Step 'Tested' failed: Typed was not set: ")


def test_the_value_must_match_the_field_s_pattern(certificate: Certificate) -> None:
    MetadataField.objects.create(
        name="Code", description="x", validation="^[0-9]{3}$", message="Three digits, please."
    )
    parameters = {"Name": "Code", "Value": "$(given)"}
    instance = run_step("UpdateMetadata", parameters, {"CertificateId": certificate.pk, "given": "12"})
    assert instance.status_message == "Step 'Tested' failed: Code was not set: Three digits, please."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "this workflow is about no certificate"),
        ({"CertificateId": 999_999}, "certificate 999999 does not exist any more"),
        ({"CertificateId": "nonsense"}, "this workflow is about no certificate"),
    ],
)
def test_without_a_certificate_it_fails(owner: MetadataField, data: dict[str, Any], reason: str) -> None:
    instance = run_step("UpdateMetadata", {"Name": "Owner", "Value": "x"}, data)
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message == f"Step 'Tested' failed: Owner was not set: {reason}"


def test_a_field_that_is_gone_fails_the_step(owner: MetadataField) -> None:
    update = builders.step("UpdateMetadata", NAME, ConfigurationParameters={"Name": "Owner", "Value": "x"})
    version = builders.publish(builders.chain(update))
    owner.delete()
    instance = builders.run(version)
    assert instance.status_message == "Step 'Tested' failed: there is no metadata field 'Owner'"
    assert len(runs_of(instance)) == 1


def test_an_unknown_field_or_an_impossible_value_is_refused_when_saved() -> None:
    MetadataField.objects.create(name="Level", description="x", data_type=MetadataDataType.Integer)
    assert "'Nothing', which does not exist; see GET" in problems_of("UpdateMetadata", {"Name": "Nothing"})
    assert "Level must be a whole number" in problems_of("UpdateMetadata", {"Name": "Level", "Value": "high"})
