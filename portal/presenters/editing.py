"""What the editor of a definition offers: its steps with what can be done, step types, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal import step_lists
from portal.presenters.definitions import Shown, shown_steps
from portal.step_lists import Step
from workflows.engine import registry
from workflows.engine.contracts import StepType
from workflows.models import Definition, DefinitionVersion


@dataclass(frozen=True)
class EditedStep:
    shown: Shown
    may_move_up: bool
    may_move_down: bool
    may_remove: bool
    place: str  # where a step after this one would stand; empty after an end


@dataclass(frozen=True)
class Place:
    value: str
    label: str
    is_chosen: bool


def edited_steps(version: DefinitionVersion) -> list[EditedStep]:
    """The steps in the order of the flow."""
    documents = {step["UniqueName"]: step for step in version.steps}
    return [_edited(shown, documents[shown.unique_name], version.steps) for shown in shown_steps(version)]


def offered_types(definition: Definition, steps: Sequence[Step]) -> list[StepType]:
    """Those that such a workflow may hold, less those that it may hold once and has."""
    present = {step["ExtensionName"] for step in steps}
    return [
        each
        for each in registry.step_types()
        if definition.workflow_type in each.supported_types
        and not (each.once and each.extension_name in present)
    ]


def places(steps: Sequence[Step], chosen: str) -> list[Place]:
    """After each step, by each of its outputs; nothing follows an end."""
    found = [
        (f"{output}:{step['UniqueName']}", _label(step, output))
        for step in steps
        for output in step_lists.outputs_of(step)
        if not step_lists.is_end(steps, step)
    ]
    known = chosen if chosen in dict(found) else ""
    return [Place(value, label, value == known) for value, label in found]


def _edited(shown: Shown, document: Step, steps: Sequence[Step]) -> EditedStep:
    name = shown.unique_name
    return EditedStep(
        shown,
        may_move_up=step_lists.may_move_up(steps, name),
        may_move_down=step_lists.may_move_down(steps, name),
        may_remove=step_lists.may_remove(document),
        place="" if step_lists.is_end(steps, document) else f"{step_lists.main_output(document)}:{name}",
    )


def _label(step: Step, output: str) -> str:
    if len(step_lists.outputs_of(step)) == 1:
        return _("After “%(name)s”") % {"name": step["DisplayName"]}
    return _("After “%(name)s”, when %(output)s") % {"name": step["DisplayName"], "output": output}
