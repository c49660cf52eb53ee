"""The words of Stop, Restart and Delete: what Confirm Operation says about one instance and about several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from workflows.actions import instances
from workflows.actions.bulk import Action
from workflows.errors import WrongState
from workflows.models import Instance

Words = str | Promise
Counted = Any  # of `ngettext_lazy`: takes `% {"n": 3}`


@dataclass(frozen=True)
class Operation:
    """One operation; `name` is its place in addresses, the plural words are for several at once."""

    name: str
    icon: str
    label: Words
    question: Words
    questions: Counted
    consequences: tuple[Words, ...]
    consequences_of_many: tuple[Words, ...]
    submit_label: Words
    submit_label_of_many: Words
    refused: Counted
    done: Counted
    action: Action
    check: Callable[..., None]  # of the instance; raises WrongState when it cannot be done as that stands
    is_destructive: bool = True

    def refusal(self, instance: Instance, **known: Any) -> str:
        """Why it cannot be done; empty when it can. `known` is what the check need not look up."""
        try:
            self.check(instance, **known)
        except WrongState as error:
            return str(error)
        return ""


STOP = Operation(
    name="stop",
    icon="octagon-x",
    label=_("Stop"),
    question=_("Stop this instance?"),
    questions=ngettext_lazy("Stop %(n)d instance?", "Stop %(n)d instances?", "n"),
    consequences=(
        _("It ends as Rejected and cannot go on; nobody can approve it any more."),
        _("Approvals that were given stay in its record."),
        _("It can be restarted afterwards."),
    ),
    consequences_of_many=(
        _("They end as Rejected and cannot go on; nobody can approve them any more."),
        _("Approvals that were given stay in their records."),
        _("They can be restarted afterwards."),
    ),
    submit_label=_("OK, stop it"),
    submit_label_of_many=_("OK, stop them"),
    refused=ngettext_lazy(
        "%(n)d cannot be stopped and is left alone", "%(n)d cannot be stopped and are left alone", "n"
    ),
    done=ngettext_lazy("%(n)d instance is stopped.", "%(n)d instances are stopped.", "n"),
    action=Action.STOP,
    check=instances.check_stoppable,
)
RESTART = Operation(
    name="restart",
    icon="rotate-ccw",
    label=_("Restart"),
    question=_("Restart this instance?"),
    questions=ngettext_lazy("Restart %(n)d instance?", "Restart %(n)d instances?", "n"),
    consequences=(
        _("A new instance begins at the first step, with the data of the original request."),
        _("Approvals must be given again."),
        _("Both instances name each other."),
    ),
    consequences_of_many=(
        _("For each a new instance begins at the first step, with the data of the original request."),
        _("All take the version of their definition that is published now."),
        _("Approvals must be given again."),
        _("Suspended ones end as Canceled for restart."),
    ),
    submit_label=_("OK, restart it"),
    submit_label_of_many=_("OK, restart them"),
    refused=ngettext_lazy(
        "%(n)d cannot be restarted and is left alone", "%(n)d cannot be restarted and are left alone", "n"
    ),
    done=ngettext_lazy("%(n)d instance is restarted.", "%(n)d instances are restarted.", "n"),
    action=Action.RESTART,
    check=instances.check_restartable,
    is_destructive=False,
)
DELETE = Operation(
    name="delete",
    icon="trash-2",
    label=_("Delete"),
    question=_("Delete this instance?"),
    questions=ngettext_lazy("Delete %(n)d instance?", "Delete %(n)d instances?", "n"),
    consequences=(
        _("Its data and its history are removed for ever; the audit log keeps an entry."),
        _("Requests and certificates stay."),
    ),
    consequences_of_many=(
        _("Their data and their histories are removed for ever; the audit log keeps an entry of each."),
        _("Requests and certificates stay."),
    ),
    submit_label=_("OK, delete it"),
    submit_label_of_many=_("OK, delete them"),
    refused=ngettext_lazy(
        "%(n)d cannot be deleted and is left alone", "%(n)d cannot be deleted and are left alone", "n"
    ),
    done=ngettext_lazy("%(n)d instance is deleted.", "%(n)d instances are deleted.", "n"),
    action=Action.DELETE,
    check=instances.check_deletable,
)
OPERATIONS = (STOP, RESTART, DELETE)
