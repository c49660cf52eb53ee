from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.steps.running import NAME, problems_of, run_step
from workflows.models import DefinitionVersion, Instance
from workflows.steps.start_workflow import DEEPEST
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


def starting(version: DefinitionVersion, **data: Any) -> dict[str, Any]:
    return {"DefinitionId": str(version.definition.guid), "InitialData": data}


def test_another_workflow_is_started_once_with_the_data() -> None:
    script = {"ScriptParameters": {"id": "$(CertificateId)"}, "ScriptContent": '{"Twice": 2 * id}'}
    other = builders.publish(
        builders.chain(builders.step("SetVariable", "Set", ConfigurationParameters=script))
    )
    person = builders.user("ann")
    parameters = starting(other, CertificateId="$(certid)")
    parent = run_step("StartWorkflow", parameters, {"CertificateId": 7}, initiator_id=person.pk)
    assert parent.status == InstanceStatus.Complete, parent.status_message
    child = Instance.objects.get(version=other)
    assert parent.data[f"{NAME}_instance"] == str(child.guid)
    assert child.data == {"CertificateId": 7, "Twice": 14, "StartedBy": [str(parent.guid)]}
    assert (child.status, child.initiator_id) == (InstanceStatus.Complete, person.pk)
    assert child.record.title == "Timer Service is handling the expiration of certificate with id 7."


def test_a_circle_comes_to_an_end() -> None:
    version = builders.publish(builders.noops(2))
    step = builders.step("StartWorkflow", NAME, ConfigurationParameters=starting(version))
    circle = builders.publish(builders.chain(step))
    version.definition.published = circle
    version.definition.save()
    builders.run(circle)
    assert Instance.objects.count() == DEEPEST + 1
    last = Instance.objects.order_by("-id")[0]
    assert (
        last.status_message == f"Step 'Tested' failed: more than {DEEPEST} workflows have started one another"
    )


def test_a_definition_that_is_not_active_fails_the_step() -> None:
    other = builders.publish(builders.noops(2))
    other.definition.enabled = False
    other.definition.save()
    instance = run_step("StartWorkflow", starting(other))
    assert instance.status_message == (
        "Step 'Tested' failed: the definition to start is not active; publish and enable it"
    )
    assert Instance.objects.count() == 1


def test_what_cannot_be_started_is_refused_when_saved() -> None:
    missing = "00000000-0000-0000-0000-000000000000"
    for guid in (missing, "nonsense"):
        assert f"{guid}, which does not exist; choose one" in problems_of(
            "StartWorkflow", {"DefinitionId": guid}
        )
    enrollment = builders.publish(builders.noops(2), WorkflowType.Enrollment)
    assert "type Enrollment" in problems_of("StartWorkflow", starting(enrollment))
