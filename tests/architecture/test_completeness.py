"""What is added without its test, its page or its migration does not pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.architecture.snapshots import ROOT
from workflows.engine import registry
from workflows.engine.contracts import StepType
from workflows.errors import DomainError
from workflows.vocabulary.workflow_types import WorkflowType

TESTS = ROOT / "tests"


def module_of(thing: object) -> str:
    return type(thing).__module__.rpartition(".")[2]


def below(parent: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in parent.__subclasses__():
        yield child
        yield from below(child)


def text_of(*folders: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))


@pytest.mark.parametrize("step_type", registry.step_types(), ids=lambda each: each.extension_name)
def test_every_step_type_has_its_test_and_its_page(step_type: StepType) -> None:
    name = module_of(step_type)
    assert f'"{step_type.extension_name}"' in text_of(TESTS / "steps", TESTS / "actions")
    assert (ROOT / "docs" / "steps" / f"{name}.md").is_file()


@pytest.mark.parametrize("workflow_type", WorkflowType)
def test_every_workflow_type_has_a_test(workflow_type: WorkflowType) -> None:
    assert f"WorkflowType.{workflow_type.name}" in text_of(TESTS / "workflow_types", TESTS / "actions")


def test_every_management_command_has_a_test() -> None:
    written = {path.stem for path in (ROOT / "workflows" / "management" / "commands").glob("[!_]*.py")}
    called = text_of(TESTS)
    assert [name for name in sorted(written) if f'"{name}"' not in called] == []


def test_every_error_is_raised_somewhere() -> None:
    """One that only stands in the table of codes promises what never comes."""
    source = text_of(ROOT / "workflows", ROOT / "portal")
    unused = [each for each in below(DomainError) if source.count(each.__name__) < 2]
    assert unused == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True)
