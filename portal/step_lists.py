"""What the editor of a definition does to the list of steps: insert, replace, remove, move.

Pure functions over step documents; each gives a new list and leaves the given one as it is. Whether the
result is a sound graph is for `workflows.actions.definitions.save_steps` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from itertools import count
from typing import Any

from workflows.engine import registry

Step = dict[str, Any]
Steps = list[Step]


def start_and_end() -> Steps:
    """What a new definition begins with: a start that leads to an end."""
    ends = {"ExtensionName": "NOOPStep", "Enabled": True}
    return [
        {**ends, "UniqueName": "StartNOOP", "DisplayName": "Start", "Outputs": {"continue": "EndNOOP"}},
        {**ends, "UniqueName": "EndNOOP", "DisplayName": "End", "Outputs": {}},
    ]


def find(steps: Iterable[Step], name: str) -> Step | None:
    return next((step for step in steps if step["UniqueName"] == name), None)


def fresh_name(steps: Sequence[Step], extension: str) -> str:
    """A UniqueName that is still free: the extension's name with the next number."""
    taken = {step["UniqueName"].casefold() for step in steps}
    return next(name for number in count(1) if (name := f"{extension}{number}").casefold() not in taken)


def insert(steps: Sequence[Step], new: Step, *, after: str, output: str) -> Steps:
    """`new` between the step `after` and where that one's `output` leads; its own outputs stay as given."""
    result = deepcopy(list(steps))
    place = next(number for number, step in enumerate(result) if step["UniqueName"] == after)
    result[place]["Outputs"] = {**_outputs(result[place]), output: new["UniqueName"]}
    result.insert(place + 1, new)
    return result


def replace(steps: Sequence[Step], new: Step) -> Steps:
    """The step of the same UniqueName becomes `new`."""
    return [new if step["UniqueName"] == new["UniqueName"] else deepcopy(step) for step in steps]


def remove(steps: Sequence[Step], name: str) -> Steps:
    """Without the step; what led to it leads to where its first output led, or ends."""
    gone = find(steps, name)
    onward = _outputs(gone).get(main_output(gone)) if gone else None
    return [_redirected(step, name, onward) for step in steps if step["UniqueName"] != name]


def move_up(steps: Sequence[Step], name: str) -> Steps:
    """Before the step that leads to it; unchanged where none or several do."""
    before = [step for step in steps if name in _outputs(step).values()]
    if len(before) != 1 or not _may_swap(steps, before[0]):
        return deepcopy(list(steps))
    return _swapped(steps, before[0]["UniqueName"], name)


def move_down(steps: Sequence[Step], name: str) -> Steps:
    """After the step that its first output leads to; unchanged where that is an end."""
    step = find(steps, name)
    onward = _outputs(step).get(main_output(step)) if step else None
    return move_up(steps, onward) if onward else deepcopy(list(steps))


def may_move_up(steps: Sequence[Step], name: str) -> bool:
    return _shape(move_up(steps, name)) != _shape(steps)


def may_move_down(steps: Sequence[Step], name: str) -> bool:
    return _shape(move_down(steps, name)) != _shape(steps)


def may_remove(step: Mapping[str, Any]) -> bool:
    """Start and end stay; the step that issues or revokes would come back by itself (D12)."""
    step_type = registry.step_type(step["ExtensionName"])
    is_frame = step["ExtensionName"] == "NOOPStep" and step["UniqueName"] in ("StartNOOP", "EndNOOP")
    return not is_frame and not (step_type is not None and step_type.once)


def is_end(steps: Sequence[Step], step: Step) -> bool:
    """A step that does nothing and leads nowhere, so nothing follows it; other last steps may be followed."""
    return step["ExtensionName"] == "NOOPStep" and not _outputs(step) and _has_predecessor(steps, step)


def outputs_of(step: Mapping[str, Any]) -> tuple[str, ...]:
    """The outputs that its type has, the main one first."""
    step_type = registry.step_type(step["ExtensionName"])
    return step_type.outputs if step_type else ("continue",)


def main_output(step: Mapping[str, Any]) -> str:
    return outputs_of(step)[0]


def _swapped(steps: Sequence[Step], first: str, second: str) -> Steps:
    """`second` before `first`, which follow each other: three links are laid anew."""
    result = deepcopy(list(steps))
    upper, lower = find(result, first), find(result, second)
    if upper is None or lower is None:
        return result
    onward = _outputs(lower).get(main_output(lower))
    result = [_redirected(step, first, second) for step in result]
    upper, lower = find(result, first), find(result, second)
    if upper is None or lower is None:
        return result
    _lead(upper, second, onward)
    lower["Outputs"][main_output(lower)] = first
    places = sorted(result.index(step) for step in (upper, lower))
    result[places[0]], result[places[1]] = lower, upper
    return result


def _may_swap(steps: Sequence[Step], upper: Step) -> bool:
    """The start stays first, and the end last."""
    lower = find(steps, _outputs(upper).get(main_output(upper), ""))
    return lower is not None and not is_end(steps, lower) and _has_predecessor(steps, upper)


def _has_predecessor(steps: Sequence[Step], step: Step) -> bool:
    return any(step["UniqueName"] in _outputs(each).values() for each in steps)


def _redirected(step: Step, old: str, new: str | None) -> Step:
    copy = deepcopy(step)
    copy["Outputs"] = _outputs(step)
    _lead(copy, old, new)
    return copy


def _lead(step: Step, old: str, new: str | None) -> None:
    """Outputs that led to `old` lead to `new`; None ends them."""
    led = {output: new if target == old else target for output, target in step["Outputs"].items()}
    step["Outputs"] = {output: target for output, target in led.items() if target}


def _outputs(step: Mapping[str, Any]) -> dict[str, str]:
    return {output: target for output, target in (step.get("Outputs") or {}).items() if target}


def _shape(steps: Sequence[Step]) -> list[tuple[str, dict[str, str]]]:
    return [(step["UniqueName"], _outputs(step)) for step in steps]
