"""The columns that lists of instances can show besides the title, and which of them a person wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Column:
    """`name` is the API's where it has one, so that the list sorts by it."""

    name: str
    label: str | Promise
    is_sortable: bool = True


@dataclass(frozen=True)
class Columns:
    """What a list offers, in its order, and what everybody begins with; `tab` is that of My Workflows."""

    offered: tuple[Column, ...]
    usual: tuple[str, ...]
    tab: str = ""

    def chosen(self, names: Sequence[str]) -> list[Column]:
        """The columns of these names, in the order of the list; the usual ones where none is known."""
        return self.named(names) or self.named(self.usual)

    def named(self, names: Sequence[str]) -> list[Column]:
        return [column for column in self.offered if column.name in names]


INSTANCES = Columns(
    offered=(
        Column("DefinitionDisplayName", _("Definition")),
        Column("WorkflowType", _("Type")),
        Column("Status", _("Status")),
        Column("StatusMessage", _("Message"), is_sortable=False),
        Column("CurrentStepDisplayName", _("Current Step")),
        Column("InitiatingUserName", _("Started by")),
        Column("StartDate", _("Started")),
        Column("LastModified", _("Last Modified")),
        Column("ReferenceId", _("Reference Id")),
        Column("Id", _("Id")),
    ),
    usual=(
        "DefinitionDisplayName",
        "WorkflowType",
        "Status",
        "CurrentStepDisplayName",
        "StartDate",
        "LastModified",
        "ReferenceId",
    ),
)

ASSIGNED = Columns(
    offered=(
        Column("Facts", _("What is asked for")),
        Column("DefinitionDisplayName", _("Definition")),
        Column("WorkflowType", _("Type")),
        Column("CurrentStepDisplayName", _("Current Step")),
        Column("InitiatingUserName", _("Started by")),
        Column("StartDate", _("Started")),
        Column("Arrived", _("Arrived")),
        Column("Approvals", _("Approvals")),
        Column("ReferenceId", _("Reference Id")),
        Column("Id", _("Id")),
    ),
    usual=("Facts", "CurrentStepDisplayName", "Arrived", "Approvals"),
    tab="assigned",
)

# Whoever looks has started them, and what each says stands below its title.
CREATED = Columns(
    offered=tuple(
        column for column in INSTANCES.offered if column.name not in {"InitiatingUserName", "StatusMessage"}
    ),
    usual=("Status", "StartDate", "LastModified"),
    tab="created",
)

# Type and Reference Id stand below the title.
DECIDED = Columns(
    offered=(
        Column("Approved", _("Your decision")),
        Column("DecidedOn", _("Decided")),
        Column("StepUniqueName", _("Step")),
        Column("DefinitionDisplayName", _("Definition")),
        Column("InitiatingUserName", _("Started by")),
        Column("Status", _("What became of it")),
        Column("Id", _("Id")),
    ),
    usual=("Approved", "DecidedOn", "Status"),
    tab="decided",
)


def of_tab(name: str) -> Columns:
    """Those of the tab of My Workflows; of Workflow → Instances where there is none of this name."""
    return next((each for each in (ASSIGNED, CREATED, DECIDED) if each.tab == name), INSTANCES)
