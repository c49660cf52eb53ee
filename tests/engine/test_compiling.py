"""Versions made ready to run: what is frozen is kept, what may change is read anew."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import builders
from tests.builders import chain, step
from tests.engine.conftest import Install
from workflows.engine import compiling, registry
from workflows.engine.compiling import compiled
from workflows.engine.contracts import Effects, Parameter
from workflows.engine.expressions.places import Place
from workflows.models import DefinitionVersion
from workflows.vocabulary.parameters import ParameterType

pytestmark = pytest.mark.django_db


def test_a_frozen_version_is_read_once() -> None:
    version = builders.publish(builders.noops(3))
    first = compiled(version.pk)
    with CaptureQueriesContext(connection) as queries:
        assert compiled(version.pk) is first
    assert len(queries) == 0


def test_a_draft_is_read_each_time() -> None:
    version = builders.publish(builders.noops(3))
    draft = version.definition.versions.create(number=2, display_name="Before", steps=version.steps)
    assert compiled(draft.pk).definition_name == "Before"
    DefinitionVersion.objects.filter(pk=draft.pk).update(display_name="After")
    assert compiled(draft.pk).definition_name == "After"


def test_steps_are_found_by_name_whatever_their_order() -> None:
    plan = compiled(builders.publish(list(reversed(builders.noops(4)))).pk)
    assert plan.first == "StartNOOP"
    assert plan.steps["NOOP0"].outputs == {"continue": "NOOP1"}
    assert plan.steps["EndNOOP"].outputs == {}


def test_parameters_are_sorted_by_what_becomes_of_them(install: Install) -> None:
    parameters = (
        Parameter("Plain", "Plain", place=Place.TEXT),
        Parameter("Filled", "Filled", place=Place.TEXT),
        Parameter("Literal", "Literal"),
        Parameter("Absent", "Absent", default="its default"),
    )
    install(Effects.PURE, parameters=parameters)
    values = {"plain": "text", "Filled": "for $(name)", "Literal": "$(name)"}
    version = builders.publish(chain(step("Scripted", "Tested", ConfigurationParameters=values)))
    tested = compiled(version.pk).steps["Tested"]
    assert tested.fixed == {"Plain": "text", "Literal": "$(name)", "Absent": "its default"}
    assert [(parameter.name, value) for parameter, value in tested.rendered] == [("Filled", "for $(name)")]


def test_tokens_are_filled_and_secrets_opened_for_the_handler_alone(install: Install) -> None:
    secret = Parameter("Key", "Key", ParameterType.Secret)
    tested = install(Effects.PURE, parameters=(Parameter("Text", "Text", place=Place.TEXT), secret))
    values = {"Text": "for $(name)", "Key": {"SecretValue": "hunter2"}}
    version = builders.publish(chain(step("Scripted", "Tested", ConfigurationParameters=values)))
    builders.run(version, {"name": "alice"})
    seen = tested.contexts[0].parameters
    assert seen["Text"] == "for alice"
    assert seen["Key"].reveal() == "hunter2"
    assert "hunter2" not in repr(compiled(version.pk)) + repr(seen)


def test_a_type_of_workflow_that_is_gone_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    version = builders.publish(builders.noops(2))
    monkeypatch.delitem(registry._workflow_types, "expiration")
    monkeypatch.setattr(compiling, "_compiled", {})
    with pytest.raises(LookupError):
        compiled(version.pk)


def test_a_version_without_steps_cannot_run() -> None:
    version = builders.publish(builders.noops(2))
    empty = version.definition.versions.create(number=2, display_name="Empty", steps=[])
    with pytest.raises(LookupError, match="no steps"):
        compiled(empty.pk)
