"""The tabs of My Workflows, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from portal.my_workflows import assigned, created, decided
from portal.my_workflows.tab import Tab
from workflows.access.actors import Actor

TABS = (assigned.TAB, created.TAB, decided.TAB)


def open_to(actor: Actor) -> list[Tab]:
    return [tab for tab in TABS if tab.is_open(actor) and not tab.is_left_out(actor)]


def named(name: str, among: Sequence[Tab]) -> Tab | None:
    return next((tab for tab in among if tab.name == name), None)


def allowed(name: str, actor: Actor) -> Tab | None:
    """The tab where the person may open it, also when there is nothing in it (any more)."""
    return named(name, [tab for tab in TABS if tab.is_open(actor)])
