"""From the steps a client sends to the steps a version stores (PUT …/Steps, D12, D13).

Stored steps have ids, canonical names and sealed secrets; nothing is stored unless every step is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.engine import graph, limits, parameters, registry
from workflows.engine.contracts import StepType
from workflows.engine.expressions import conditions
from workflows.errors import ExpressionFailed, InvalidDefinition
from workflows.models import Role

Step = dict[str, Any]

LONGEST = {"UniqueName": 128, "DisplayName": 255}  # characters
BUILT_IN_NAMES = {
    "EnrollStep": ("KeyfactorEnroll", "Keyfactor-Enroll"),
    "RevokeStep": ("KeyfactorRevoke", "Keyfactor-Revoke"),
}


def prepare(
    workflow_type: str,
    given: Sequence[Mapping[str, Any]],
    earlier: Sequence[Step] = (),
    *,
    complete: bool = True,
) -> list[Step]:
    """The steps to store. `earlier` are those they replace: ids and secrets of same-named steps are kept.

    Unless they must be `complete`, roles and secrets may be given later, as after an import.
    Raises InvalidDefinition with every problem found, each naming its step.
    """
    if len(given) > graph.MAXIMUM_STEPS:
        raise InvalidDefinition([graph.too_many(len(given))])
    if excess := limits.excess_of_all(given):
        raise InvalidDefinition(excess)
    before = {step["UniqueName"]: step for step in earlier}
    problems: list[str] = []
    steps = [_stored(each, before, problems, complete) for each in given]
    problems += graph.problems(steps) + _type_problems(workflow_type, steps)
    problems += _long_names(steps) + _unknown_roles(given)
    if not problems:
        steps = _with_built_in(workflow_type, steps, before)
        problems = graph.problems(steps)  # the added step may take a name that is taken
    if problems:
        raise InvalidDefinition(problems)
    return steps


def is_complete(workflow_type: str, steps: Sequence[Step]) -> bool:
    """Whether stored steps could be saved again as they are."""
    try:
        prepare(workflow_type, steps, steps)
    except InvalidDefinition:
        return False
    return True


def obstacles(steps: Sequence[Step]) -> list[str]:
    """Why this installation cannot run these stored steps, each problem naming its step."""
    types = [(step["UniqueName"], registry.step_type(step["ExtensionName"])) for step in steps]
    return [f"Step '{name}' {each.obstacle}" for name, each in types if each is not None and each.obstacle]


def _stored(
    given: Mapping[str, Any], before: Mapping[str, Step], problems: list[str], complete: bool = True
) -> Step:
    name = given["UniqueName"]
    step_type = registry.step_type(given["ExtensionName"])
    old = before.get(name, {})
    step: Step = {
        "Id": old.get("Id") or parameters.new_guid(),
        "UniqueName": name,
        "DisplayName": given.get("DisplayName") or name,
        "ExtensionName": step_type.extension_name if step_type else given["ExtensionName"],
        "Enabled": given.get("Enabled", True),
        "ConfigurationParameters": {},
        "Signals": [],
        "Conditions": [_condition(each, name, problems) for each in given.get("Conditions") or []],
        "Outputs": {output: target for output, target in (given.get("Outputs") or {}).items() if target},
    }
    if step_type is None:
        known = ", ".join(each.extension_name for each in registry.step_types())
        problems.append(f"Step '{name}': there is no step type {given['ExtensionName']}; there are {known}.")
    else:
        problems += _fill(step, step_type, given, old, complete)
    return step


def _fill(
    step: Step, step_type: StepType, given: Mapping[str, Any], old: Mapping[str, Any], complete: bool
) -> list[str]:
    earlier = old.get("ConfigurationParameters") or {}
    asked = given.get("ConfigurationParameters") or {}
    values, found = parameters.canonical(step_type, asked, earlier, complete=complete)
    found += _output_problems(step, step_type) + _signal_problems(step_type, given, complete)
    if step_type.once and step["Conditions"]:
        found.append("takes no conditions, because issuing and revoking are never skipped; remove them.")
    if not found:
        step["ConfigurationParameters"] = parameters.seal(step_type, values, step["Id"], earlier)
        step["Signals"] = [_signal(each, step_type, old) for each in given.get("Signals") or []]
    return [f"Step '{step['UniqueName']}' {text}" for text in found]


def _condition(given: Mapping[str, Any], name: str, problems: list[str]) -> dict[str, str]:
    value = str(given.get("Value") or "").strip()
    try:
        conditions.check(value)
    except ExpressionFailed as error:
        problems.append(f"Step '{name}': condition '{value}': {error}")
    return {"Id": str(given.get("Id") or parameters.new_guid()), "Value": value}


def _output_problems(step: Step, step_type: StepType) -> list[str]:
    return [
        f"has no output '{output}'; it has {', '.join(step_type.outputs)}."
        for output in step["Outputs"]
        if output not in step_type.outputs
    ]


def _signal_problems(step_type: StepType, given: Mapping[str, Any], complete: bool) -> list[str]:
    known = {spec.name.casefold() for spec in step_type.signals}
    named = [str(each.get("SignalName") or "") for each in given.get("Signals") or []]
    found = [f"takes no signal '{name}'." for name in named if name.casefold() not in known]
    if len({name.casefold() for name in named}) != len(named):
        found.append("names a signal twice.")
    roles = [each.get("RoleIds") or each.get("RoleTokens") for each in given.get("Signals") or []]
    if complete and known and not any(roles):
        found.append(
            "needs a signal with at least one role (RoleIds or RoleTokens); nobody could ever answer it."
        )
    return found


def _signal(given: Mapping[str, Any], step_type: StepType, old: Mapping[str, Any]) -> dict[str, Any]:
    name = next(
        spec.name for spec in step_type.signals if spec.name.casefold() == given["SignalName"].casefold()
    )
    known = {each["SignalName"]: each["Id"] for each in old.get("Signals") or []}
    return {
        "Id": known.get(name) or parameters.new_guid(),
        "SignalName": name,
        "RoleIds": list(dict.fromkeys(given.get("RoleIds") or [])),
        "RoleTokens": list(given.get("RoleTokens") or []),
    }


def _type_problems(workflow_type: str, steps: Sequence[Step]) -> list[str]:
    found = []
    seen: set[str] = set()
    for step in steps:
        step_type = registry.step_type(step["ExtensionName"])
        if step_type is None:
            continue
        allowed = step_type.workflow_types
        if allowed is not None and workflow_type not in allowed:
            kinds = ", ".join(sorted(allowed))
            name = step_type.extension_name
            found.append(f"Step '{step['UniqueName']}': {name} belongs only in {kinds}; remove it.")
        if step_type.once and step_type.extension_name in seen:
            found.append(
                f"Step '{step['UniqueName']}' is a second {step_type.extension_name}; remove it, "
                "one is allowed."
            )
        seen.add(step_type.extension_name)
    return found


def _long_names(steps: Sequence[Step]) -> list[str]:
    """Names that the history could not hold."""
    return [
        f"{field} '{step[field][:40]}…' is too long; {limit} characters fit."
        for step in steps
        for field, limit in LONGEST.items()
        if len(step[field]) > limit
    ]


def _unknown_roles(given: Sequence[Mapping[str, Any]]) -> list[str]:
    asked = [
        (step["UniqueName"], role)
        for step in given
        for signal in step.get("Signals") or []
        for role in dict.fromkeys(signal.get("RoleIds") or [])
    ]
    named = {role for _, role in asked}
    known = set(Role.objects.filter(id__in=named).values_list("id", flat=True)) if named else set()
    return [
        f"Step '{name}' names role {role}, which does not exist; GET /Security/Roles lists those there are."
        for name, role in asked
        if role not in known
    ]


def _with_built_in(workflow_type: str, steps: list[Step], before: Mapping[str, Step]) -> list[Step]:
    """Append the enroll or revoke step where none is, in front of the end (D12)."""
    spec = registry.workflow_type(workflow_type)
    extension = spec.built_in_step if spec else None
    if extension is None or any(step["ExtensionName"] == extension for step in steps):
        return steps
    name, display_name = BUILT_IN_NAMES[extension]
    added = _stored(
        {"UniqueName": name, "DisplayName": display_name, "ExtensionName": extension}, before, problems=[]
    )
    _insert_before_end(steps, added)
    return [*steps, added]


def _insert_before_end(steps: list[Step], added: Step) -> None:
    """On every way to the end but those of errors, which a failed check, too, would else take to it."""
    ordinary = graph.without_errors(steps)
    ends = [step for step in ordinary if not step["Outputs"].keys() - {graph.ERROR}]
    end = next((step for step in ends if _is_plain_end(step) and len(steps) > 1), None)
    if end is not None:
        for step in ordinary:
            _redirect(step, end["UniqueName"], added["UniqueName"])
        added["Outputs"] = {"continue": end["UniqueName"]}
    else:
        for step in ends:
            step["Outputs"][_first_output(step)] = added["UniqueName"]


def _is_plain_end(step: Step) -> bool:
    return graph.is_end(step) and step["ExtensionName"] == "NOOPStep"


def _redirect(step: Step, end: str, to: str) -> None:
    for output, target in step["Outputs"].items():
        if target == end and output != graph.ERROR:
            step["Outputs"][output] = to


def _first_output(step: Step) -> str:
    step_type = registry.step_type(step["ExtensionName"])
    return step_type.outputs[0] if step_type else "continue"
