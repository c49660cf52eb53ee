"""The system checks: each fails for its own reason and is quiet otherwise."""

from __future__ import annotations

import pytest

from tests import builders
from workflows import checks
from workflows.engine import registry
from workflows.models import Definition, DefinitionVersion


def test_a_missing_built_in_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.built_in_steps_are_installed(None) == []
    monkeypatch.setattr(registry, "step_type", lambda name: None)
    found = checks.built_in_steps_are_installed(None)
    assert {error.id for error in found} == {"workflows.E001"}
    assert any("EnrollStep" in error.msg for error in found)


@pytest.mark.django_db
def test_a_published_version_with_a_removed_step_type_is_named() -> None:
    version = builders.publish(builders.noops(2), name="Healthy")
    assert checks.published_steps_are_installed(None, databases=["default"]) == []
    steps = [{**step, "ExtensionName": "RemovedStep"} for step in version.steps]
    broken = DefinitionVersion.objects.create(
        definition=version.definition, number=2, display_name="Broken", steps=steps
    )
    Definition.objects.filter(pk=version.definition_id).update(published=broken)
    [error] = checks.published_steps_are_installed(None, databases=["default"])
    assert (error.id, "RemovedStep" in error.msg) == ("workflows.E002", True)
