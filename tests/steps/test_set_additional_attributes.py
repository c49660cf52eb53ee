from __future__ import annotations

import pytest

from tests import builders
from tests import world as scenery
from tests.steps.running import NAME, problems_of
from tests.world import World
from workflows.models import CertificateTemplate, Instance
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db

FIELDS = [{"Name": "Contact"}, {"Name": "Zone", "Options": ["red", "blue"]}]


def enroll(world: World, attributes: dict[str, str]) -> Instance:
    """An enrollment that began with the zone red, after the step."""
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.enrollment_fields = FIELDS
    template.save()
    step = builders.step("SetAdditionalAttributes", NAME, ConfigurationParameters={"Attributes": attributes})
    builders.publish(builders.chain(step), WorkflowType.Enrollment, keys=[str(template.pk)])
    return scenery.enroll(world, additional_fields={"Zone": "red"}).instance


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ({"contact": "$(RequesterEmail)"}, {"Zone": "red", "Contact": "requester@keyexample.com"}),
        ({"ZONE": "blue"}, {"Zone": "blue"}),
        ({"zone": ""}, {}),
    ],
)
def test_it_sets_and_removes_fields(world: World, given: dict[str, str], after: dict[str, str]) -> None:
    instance = enroll(world, given)
    assert instance.status == InstanceStatus.Complete, instance.status_message
    assert instance.data["AdditionalAttributes"] == after


@pytest.mark.parametrize(
    ("given", "reason"), [({"Colour": "red"}, "'Colour'"), ({"Zone": "green"}, "red, blue")]
)
def test_what_the_template_does_not_know_fails_the_step(
    world: World, given: dict[str, str], reason: str
) -> None:
    instance = enroll(world, given)
    assert instance.status == InstanceStatus.Failed
    assert reason in instance.status_message


def test_it_belongs_in_enrollments() -> None:
    assert "belongs only in Enrollment" in problems_of("SetAdditionalAttributes", {"Attributes": {"a": "b"}})
