"""The graph that steps form by name: from the one that nobody points to, to those with no outputs.

Pure functions over stored step documents; each problem is a sentence that names its step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

Step = dict[str, Any]

ERROR = "error"  # the output that a failure follows where the definition connects it
MAXIMUM_STEPS = 200  # a definition is read by people; more steps than this is a mistake or an attack


def problems(steps: Sequence[Step]) -> list[str]:
    """Every structural fault: names, dangling outputs, entries, unreachable steps, cycles."""
    if len(steps) > MAXIMUM_STEPS:
        return [too_many(len(steps))]
    found = _name_problems(steps) + _dangling(steps)
    if found or not steps:
        return found
    return _shape_problems(steps)


def too_many(count: int) -> str:
    return f"A definition has at most {MAXIMUM_STEPS} steps; this one has {count}."


def first_step(steps: Sequence[Step]) -> Step | None:
    """The step that nobody points to; None when there is none or more than one."""
    entries = _entries(steps)
    return entries[0] if len(entries) == 1 else None


def upstream(steps: Sequence[Step]) -> dict[str, set[str]]:
    """By name of each step of a flow without circles, the names of those that may run before it."""
    found: dict[str, set[str]] = {step["UniqueName"]: set() for step in steps}
    for step in steps:
        for name in _reachable(steps, step) - {step["UniqueName"]}:
            found[name].add(step["UniqueName"])
    return found


def without_errors(steps: Sequence[Step]) -> list[Step]:
    """The steps of a flow without circles that can be reached although none fails."""
    plain = [
        {**step, "Outputs": {name: to for name, to in step["Outputs"].items() if name != ERROR}}
        for step in steps
    ]
    first = first_step(steps)
    reached = _reachable(plain, first) if first else set()
    return [step for step in steps if step["UniqueName"] in reached]


def is_end(step: Step) -> bool:
    return not step["Outputs"]


def _name_problems(steps: Sequence[Step]) -> list[str]:
    counted = Counter(step["UniqueName"].casefold() for step in steps)
    twice = sorted({step["UniqueName"] for step in steps if counted[step["UniqueName"].casefold()] > 1})
    return [f"UniqueName '{name}' is used more than once; give each step its own." for name in twice]


def _dangling(steps: Sequence[Step]) -> list[str]:
    names = {step["UniqueName"] for step in steps}
    return [
        f"Step '{step['UniqueName']}': output '{output}' leads to '{target}', which is not a step."
        for step in steps
        for output, target in step["Outputs"].items()
        if target not in names
    ]


def _shape_problems(steps: Sequence[Step]) -> list[str]:
    cycle = _cycle(steps)
    if cycle:
        return [f"Steps run in a circle: {' → '.join(cycle)}."]
    entries = _entries(steps)
    if len(entries) == 1:
        return []
    reached = _reachable(steps, _main_entry(steps, entries))
    lost = [step["UniqueName"] for step in steps if step["UniqueName"] not in reached]
    return [f"Step '{name}' can never be reached; connect it or remove it." for name in lost]


def _main_entry(steps: Sequence[Step], entries: list[Step]) -> Step:
    """The entry that people mean: StartNOOP, else the one from which most steps are reached."""
    named = [each for each in entries if each["UniqueName"] == "StartNOOP"]
    return named[0] if named else max(entries, key=lambda each: len(_reachable(steps, each)))


def _entries(steps: Sequence[Step]) -> list[Step]:
    targets = {target for step in steps for target in step["Outputs"].values()}
    return [step for step in steps if step["UniqueName"] not in targets]


def _reachable(steps: Sequence[Step], start: Step) -> set[str]:
    by_name = {step["UniqueName"]: step for step in steps}
    reached: set[str] = set()
    waiting = [start["UniqueName"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += by_name[name]["Outputs"].values()
    return reached


def _cycle(steps: Sequence[Step]) -> list[str]:
    """The names along one circle, the first repeated at the end; empty when there is none."""
    by_name = {step["UniqueName"]: step for step in steps}
    finished: set[str] = set()
    for start in by_name:
        path = _walk_until_repeat(by_name, start, finished)
        if path:
            return path
    return []


def _walk_until_repeat(by_name: dict[str, Step], start: str, finished: set[str]) -> list[str]:
    path: list[str] = []
    stack = [iter([start])]
    while stack:
        name = next(stack[-1], None)
        if name is None:
            stack.pop()
            if path:
                finished.add(path.pop())
        elif name in path:
            return [*path[path.index(name) :], name]
        elif name not in finished:
            path.append(name)
            stack.append(iter(by_name[name]["Outputs"].values()))
    return []
