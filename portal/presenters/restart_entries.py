"""What a restart changed, as its audit entry keeps it (`RestartDifference.document`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.presenters import definition_changes
from portal.presenters.definition_changes import StepChange
from portal.presenters.differences import Change, differences
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Operation

_DIFFERENCE = "Difference"


@dataclass(frozen=True)
class RestartEntry:
    """`changes` are those of version and approvals; data stand among what changed from one to the other."""

    changes: Sequence[Change]
    steps: Sequence[StepChange]
    warnings: Sequence[str]


def restart_entry(entry: AuditEntry) -> RestartEntry | None:
    """None of other entries, and of the one that names the new instance alone."""
    document = (entry.after or {}).get(_DIFFERENCE)
    if entry.operation != Operation.Restarted or not isinstance(document, Mapping):
        return None
    return RestartEntry(
        changes=_changes(document),
        steps=definition_changes.of_documents(document["Steps"]),
        warnings=document["Warnings"],
    )


def changes_of(entry: AuditEntry) -> list[Change]:
    """All that the entry says to have changed, but for what `restart_entry` shows."""
    after = dict(entry.after or {})
    if restart_entry(entry) is not None:
        del after[_DIFFERENCE]
    return differences(entry.before or {}, after)


def _changes(document: Mapping[str, Any]) -> list[Change]:
    version, asked, given = (document[name] for name in ("Version", "ApprovalsAsked", "ApprovalsGiven"))
    found = [
        Change(_("Version of the definition"), version["From"], version["To"]),
        Change(_("Approvals asked"), asked["From"], asked["To"]),
        Change(_("Approvals given"), given, 0),
    ]
    return [each for each in found if each.before != each.after]
