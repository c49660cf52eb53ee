"""The columns that lists of instances can show besides the title, and which of them a person wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Column:
    """`name` is the API's, so that the list sorts by it."""

    name: str
    label: str | Promise
    is_sortable: bool = True


COLUMNS = (
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
)
USUAL = (
    "DefinitionDisplayName",
    "WorkflowType",
    "Status",
    "CurrentStepDisplayName",
    "StartDate",
    "LastModified",
    "ReferenceId",
)


# Created by Me: whoever looks has started them, and what each says stands below its title.
OWN = tuple(column for column in COLUMNS if column.name not in {"InitiatingUserName", "StatusMessage"})
USUAL_OF_OWN = ("Status", "StartDate", "LastModified")


def chosen(names: Sequence[str]) -> list[Column]:
    """The columns of these names, in the order of the list; the usual ones where none is known."""
    return _of(COLUMNS, names) or _of(COLUMNS, USUAL)


def chosen_of_own(names: Sequence[str]) -> list[Column]:
    """The same for Created by Me."""
    return _of(OWN, names) or _of(OWN, USUAL_OF_OWN)


def _of(columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    return [column for column in columns if column.name in names]
