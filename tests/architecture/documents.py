"""The parts of `docs/` that are made from code.

A page marks where such a part stands: `<!-- NAME: begin -->` above it, `<!-- NAME: end -->` below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.architecture import operations as api
from workflows.engine import registry
from workflows.vocabulary.permissions import TREE, Permission
from workflows.vocabulary.statuses import MOVES, InstanceStatus

_PART = re.compile(r"(<!-- ([\w-]+): begin -->\n).*?(<!-- \2: end -->\n)", re.DOTALL)


def updated(page: str) -> str:
    """`page` with its parts as the code is now; parts that somebody else makes stay."""
    return _PART.sub(_made_anew, page)


def parts_of(page: str) -> set[str]:
    return {found[2] for found in _PART.finditer(page)}


def permissions() -> str:
    checked = {str(each) for each in Permission}
    return _table(("string", "checked"), [(f"`{text}`", "yes" if text in checked else "") for text in TREE])


def operations() -> str:
    rows = [(f"`{each}`", _needed(each)) for each in api.operations() if not each.is_public]
    return _table(("operation", "one of"), rows)


def statuses() -> str:
    """A diagram that repository hosts draw."""
    lines = [f"[*] --> {InstanceStatus.Running.name}"]
    for status, targets in MOVES.items():
        lines += [f"{status.name} --> {target.name}" for target in sorted(targets)]
        lines += [] if targets else [f"{status.name} --> [*]"]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```", ""])


def steps() -> str:
    rows = [
        (f"[{each.display_name}](steps/{_file(each)}.md)", each.summary) for each in registry.step_types()
    ]
    return _table(("step", "what it does"), rows)


PARTS = {
    "permissions": permissions,
    "operations": operations,
    "statuses": statuses,
    "steps": steps,
}


def _made_anew(found: re.Match[str]) -> str:
    make = PARTS.get(found[2])
    return f"{found[1]}{make()}{found[3]}" if make else found[0]


def _needed(operation: api.Operation) -> str:
    return " or ".join(f"`{text}`" for text in operation.permissions) or "a log-in is enough"


def _file(step_type: object) -> str:
    return type(step_type).__module__.rpartition(".")[2]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows)]
    return "".join(lines)
