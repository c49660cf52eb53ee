"""The tree of permission strings, to tick: what stands deeper is covered by what stands above it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms

from workflows.vocabulary.permissions import TREE, Permission, covers

ALL = Permission.ALL


class PermissionTree(forms.CheckboxSelectMultiple):
    """Shown by components/permission_tree.html, of the form's `branches`."""


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


@dataclass(frozen=True)
class Branch:
    """A string with those below it, which are shown unfolded where one of them is ticked."""

    node: Node
    below: tuple[Node, ...]

    @property
    def is_open(self) -> bool:
        return any(node.is_held for node in self.below)


def tree(held: Iterable[str], within: Iterable[str] = (ALL,)) -> list[Node]:
    """What holding `within` grants: every string and every prefix that covers several, parents first.

    And whatever else is held.
    """
    given = set(held)
    values = sorted(given.union(granted(within)))
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


def branches(nodes: Iterable[Node]) -> list[Branch]:
    """The tree by its areas: a string with those that it covers; the one that covers all stands by itself."""
    found: list[list[Node]] = []
    for node in nodes:
        if found and found[-1][0].value != ALL and covers(found[-1][0].value, node.value):
            found[-1].append(node)
        else:
            found.append([node])
    return [Branch(first, tuple(below)) for first, *below in found]


def granted(held: Iterable[str]) -> list[str]:
    """The strings that holding `held` grants."""
    given = tuple(held)
    return [value for value in sorted({*TREE, *_prefixes()}) if any(covers(text, value) for text in given)]


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
