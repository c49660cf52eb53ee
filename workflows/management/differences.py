"""What a restart changes, in lines for a terminal; the portal shows the same in tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.actions.instances import parse_name
from workflows.actions.restart_differences import RestartDifference, restart_difference
from workflows.engine.comparing import Change
from workflows.errors import DomainError

LONGEST = 60  # characters of a value; certificates and scripts would hide the rest


def difference_lines(name: str, version: int | None, *, actor: Actor) -> Iterator[str]:
    """Of the instance that is named so; why it would be refused when it cannot be restarted."""
    try:
        found = instances.visible(parse_name(name), actor=actor)
        chosen = instances.restart_version(found, version)
        yield from _lines(name, restart_difference(found, chosen, actor=actor))
    except DomainError as error:
        yield f"{name}: {error.message}"


def _lines(name: str, found: RestartDifference) -> Iterator[str]:
    yield f"{name}: {_versions(found)}; {_approvals(found)}."
    yield from (f"  {warning}" for warning in found.warnings)
    for step in found.steps:
        yield f"  step {step.unique_name}: {step.kind.lower()}"
        yield from _changes(step.changes if step.kind == "Changed" else ())
    if found.data:
        yield "  data that is lost or begins anew:"
        yield from _changes(found.data)


def _versions(found: RestartDifference) -> str:
    if found.before == found.after:
        return f"version {found.after.number}, as before"
    return f"version {found.before.number} -> {found.after.number}"


def _approvals(found: RestartDifference) -> str:
    before, after = found.approvals_before.asked, found.approvals_after.asked
    asked = f"asks for {after} approval(s)" + (f", not {before}" if before != after else "")
    return f"{asked}; {found.approvals_given} given count no more" if found.approvals_given else asked


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    for each in changes:
        told = "changed, not shown" if each.is_withheld else f"{_short(each.before)} -> {_short(each.after)}"
        yield f"    {each.field}: {told}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
