from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests import world as scenery
from tests.engine.strategies import CONDITIONS
from tests.steps.running import NAME, problems_of, runs_of
from tests.world import World
from workflows.engine import documents, registry
from workflows.models import Certificate, Instance, Role, StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


def decision(expression: str, **outputs: str) -> builders.Step:
    parameters = {"Expression": expression}
    return builders.step("Decision", NAME, ConfigurationParameters=parameters, Outputs=outputs)


def decide(expression: str, data: dict[str, Any] | None = None, **fields: Any) -> Instance:
    """The instance behind a decision between the steps Yes and No."""
    asked = {**decision(expression, true="Yes", false="No"), **fields}
    steps = builders.chain(asked, builders.step("NOOPStep", "Yes"), builders.step("NOOPStep", "No"))
    steps[2]["Outputs"] = {"continue": "EndNOOP"}
    return builders.run(builders.publish(steps), data)


def went(instance: Instance) -> list[str]:
    names = StepRun.objects.filter(instance=instance).order_by("id").values_list("step_name", flat=True)
    return [name for name in names if name in ("Yes", "No")]


@pytest.mark.parametrize(
    ("expression", "data", "way"),
    [
        ("True", {}, "Yes"),
        ("$(flag)", {"flag": "false"}, "No"),
        ("$(count) > 2", {"count": 3}, "Yes"),
        ("count > 2 and $(who) in ('ann', 'bob')", {"count": 3, "who": "eve"}, "No"),
    ],
)
def test_the_expression_decides(expression: str, data: dict[str, Any], way: str) -> None:
    instance = decide(expression, data)
    assert instance.status == InstanceStatus.Complete
    assert went(instance) == [way]
    assert [run.output for run in runs_of(instance)] == ["true" if way == "Yes" else "false"]


def test_a_token_of_the_workflow_type_can_decide(world: object) -> None:
    steps = [decision("$(certid) == 7", true="EndNOOP", false="EndNOOP")]
    instance = builders.run(builders.publish(builders.chain(*steps)), {"CertificateId": 7})
    assert [run.output for run in runs_of(instance)] == ["true"]


@pytest.mark.parametrize(
    "expression",
    [
        'cn.endswith(".keyexample.com")',
        "dn == 'CN=' + cn and requester.endswith('requester')",
        "len(SANs) == 1 and Template == 'WebServer' and CA == CertificateAuthority",
        "metadata == {} and KeyLength >= 256",
    ],
)
def test_the_tokens_of_an_enrollment_are_names_too(world: World, expression: str) -> None:
    data = scenery.enroll(world).instance.data
    steps = builders.chain(decision(expression, true="EndNOOP"))
    instance = builders.run(builders.publish(steps, WorkflowType.Enrollment), data)
    assert [run.output for run in runs_of(instance)] == ["true"], instance.status_message


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_conditions_of_random_definitions_can_be_decided(world: World, condition: str) -> None:
    scenery.enroll(world)
    data = {"CertificateId": Certificate.objects.latest("pk").pk, "flag": "True"}
    asked = builders.step("NOOPStep", NAME, Conditions=[{"Value": condition}])
    instance = builders.run(builders.publish(builders.chain(asked)), data)
    assert instance.status == InstanceStatus.Complete, instance.status_message


EVENTS: dict[WorkflowType, dict[str, Any]] = {
    WorkflowType.Expiration: {"AlertId": 1},
    WorkflowType.KeyRotation: {"AlertId": 1, "Serial": "4F", "Username": "deploy"},
    WorkflowType.RevocationMonitoring: {"AlertId": 1, "Status": "Expired", "Subject": "It is.", "URL": "u"},
    WorkflowType.CertificateEnteredCollection: {},
    WorkflowType.CertificateEnteredStore: {
        "CertificateStoreId": "s",
        "ClientMachine": "m",
        "Container": "c",
        "ContainerId": 1,
        "StorePath": "p",
    },
}


@pytest.mark.parametrize("workflow_type", EVENTS)
def test_every_token_of_an_event_is_a_name_too(world: World, workflow_type: WorkflowType) -> None:
    scenery.enroll(world)
    certificate = Certificate.objects.latest("pk")
    certificate.owner_role = builders.role("Owners")
    Role.objects.filter(name="Owners").update(email_address="owners@keyexample.com")
    certificate.save()
    spec = registry.workflow_type(workflow_type)
    assert spec is not None
    expression = " and ".join(
        f"{name} is not None" for name in spec.context_parameters if name in spec.always
    )
    steps = builders.chain(decision(expression, true="EndNOOP"))
    data = {"CertificateId": certificate.pk, **EVENTS[workflow_type]}
    instance = builders.run(builders.publish(steps, workflow_type), data)
    assert [run.output for run in runs_of(instance)] == ["true"], instance.status_message


def test_an_output_that_leads_nowhere_ends_the_workflow() -> None:
    steps = builders.chain(decision("$(flag)", true="EndNOOP"))
    instance = builders.run(builders.publish(steps), {"flag": False})
    assert (instance.status, instance.step_name) == (InstanceStatus.Complete, NAME)


def test_a_disabled_decision_is_passed_over_by_true() -> None:
    instance = decide("False", Enabled=False)
    assert went(instance) == ["Yes"]
    assert [run.status for run in runs_of(instance)] == [StepRunStatus.Skipped]


@pytest.mark.parametrize("data", [{}, {"x": 3}, {"x": "maybe"}])
def test_what_is_neither_true_nor_false_fails_the_step(data: dict[str, Any]) -> None:
    instance = decide("$(x)", data)
    assert instance.status == InstanceStatus.Failed
    assert "$(x)" in instance.status_message


def test_an_expression_that_can_never_be_decided_is_refused_when_saved() -> None:
    assert "cannot be decided" in problems_of("Decision", {"Expression": "a = 1"})
    assert "Expression" in problems_of("Decision", {})


def test_the_step_added_before_the_end_is_on_both_ways() -> None:
    steps = builders.chain(decision("True", true="EndNOOP", false="EndNOOP"))
    stored = documents.prepare(WorkflowType.Enrollment, steps)
    outputs = {step["UniqueName"]: step["Outputs"] for step in stored}
    assert outputs[NAME] == {"true": "KeyfactorEnroll", "false": "KeyfactorEnroll"}
    assert outputs["KeyfactorEnroll"] == {"continue": "EndNOOP"}
