"""Each step type has its page, which names every parameter and whose example can be saved."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import builders
from workflows.engine import documents, registry
from workflows.engine.contracts import StepType
from workflows.models import Definition, MetadataField, Role, Script
from workflows.vocabulary.workflow_types import WorkflowType

PAGES = Path(__file__).parents[2] / "docs" / "steps"
EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)


def page_of(step_type: StepType) -> str:
    module = type(step_type).__module__.rpartition(".")[2]
    return (PAGES / f"{module}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("step_type", registry.step_types(), ids=lambda each: each.extension_name)
def test_the_page_names_the_type_and_its_parameters(step_type: StepType) -> None:
    page = page_of(step_type)
    names = [step_type.extension_name, *(each.name for each in step_type.parameters)]
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.django_db
@pytest.mark.parametrize("step_type", registry.step_types(), ids=lambda each: each.extension_name)
def test_the_example_can_be_saved(step_type: StepType) -> None:
    example = json.loads(EXAMPLE.findall(page_of(step_type))[0])
    MetadataField.objects.create(name="Owner", description="Who answers for it")
    Definition.objects.create(
        guid="6f2d4c1e-8a57-4c0b-9d33-5b1c7a9e0f42", workflow_type=WorkflowType.Expiration
    )
    Script.objects.create(name="Find owner", contents="", categories=[6])
    Role.objects.create(pk=2, name="Approvers", email_address="approvers@keyexample.com")
    middle = [] if example["UniqueName"] == "StartNOOP" else [example]
    workflow_type = min(step_type.workflow_types or {WorkflowType.Enrollment})
    documents.prepare(workflow_type, builders.chain(*middle))
