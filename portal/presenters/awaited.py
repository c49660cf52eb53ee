"""What Stop and Restart mean for the enrollments that instances wait for."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from portal.operations import RESTART, STOP, Counted, Operation, Words
from workflows.actions.bulk import Action
from workflows.engine import awaiting
from workflows.models import Instance

_OF_ONE: dict[Action, Words] = {
    STOP.action: _("The enrollment %(names)s that it waits for is stopped, too."),
    RESTART.action: _(
        "The enrollment %(names)s that it waits for goes on; the new instance begins no other one. "
        "If you want another one, stop that enrollment first."
    ),
}
_OF_MANY: dict[Action, Counted] = {
    STOP.action: ngettext_lazy(
        "The enrollment %(names)s that one of them waits for is stopped, too.",
        "The enrollments %(names)s that some of them wait for are stopped, too.",
        "n",
    ),
    RESTART.action: ngettext_lazy(
        "The enrollment %(names)s that one of them waits for goes on; the new instance begins no other one. "
        "If you want another one, stop that enrollment first.",
        "The enrollments %(names)s that some of them wait for go on; the new instances begin no other ones. "
        "If you want others, stop those enrollments first.",
        "n",
    ),
}


def awaited_words(operation: Operation, found: Sequence[Instance]) -> list[str]:
    """A sentence with the Reference Ids of those that are awaited, or none; one query for all."""
    ids = awaiting.awaited_by_any([each.pk for each in found]) if operation.action in _OF_ONE else []
    if not ids:
        return []
    words = _OF_ONE[operation.action] if len(found) == 1 else _OF_MANY[operation.action]
    return [words % {"n": len(ids), "names": ", ".join(map(str, ids))}]
