"""The tree of permission strings, to tick: what stands deeper is covered by what stands above it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.vocabulary.permissions import TREE, covers


@dataclass(frozen=True)
class Node:
    """One string of the tree; `covered_by` is a held string above it."""

    value: str
    depth: int
    is_held: bool
    covered_by: str
    covered: int  # how many strings it covers besides itself

    @property
    def field_id(self) -> str:
        return "permission" + self.value.replace("/", "-")


def tree(held: Iterable[str]) -> list[Node]:
    """Every string and every prefix that covers several, parents first; and whatever else is held."""
    given = set(held)
    values = sorted({*TREE, *_prefixes(), *given})
    return [
        Node(
            value=value,
            depth=min(sum(covers(other, value) for other in values if other != value), 5),
            is_held=value in given,
            covered_by=next(
                (other for other in sorted(given) if other != value and covers(other, value)), ""
            ),
            covered=sum(covers(value, other) for other in TREE if other != value),
        )
        for value in values
    ]


def permission_choices(held: Iterable[str]) -> list[tuple[str, str]]:
    """The strings that holding `held` grants."""
    given = tuple(held)
    values = sorted({*TREE, *_prefixes()})
    return [(value, value) for value in values if any(covers(text, value) for text in given)]


def without_covered(chosen: Iterable[str]) -> list[str]:
    """Less those that another chosen one covers, which a role must not name twice."""
    values = set(chosen)
    return sorted(
        value for value in values if not any(covers(other, value) for other in values if other != value)
    )


def _prefixes() -> set[str]:
    """`/workflows/` and `/workflows/instances/`: parents of more than one string."""
    found: dict[str, int] = {}
    for value in TREE:
        parts = value.strip("/").split("/")
        for length in range(1, len(parts)):
            prefix = f"/{'/'.join(parts[:length])}/"
            found[prefix] = found.get(prefix, 0) + 1
    return {prefix for prefix, number in found.items() if number > 1}
