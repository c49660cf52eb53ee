"""A purge when somebody wants one, by the settings or by other bounds: counted first, then carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import configured, purging
from workflows.actions.purging import Rule
from workflows.errors import InvalidInput
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

_NAMES = {str(each.value): each.name for each in InstanceStatus}  # a status may be given by its number (D2)
LONGEST = 20.0  # seconds of one call, so that it ends before a browser or proxy gives up


@dataclass(frozen=True, slots=True)
class Purge:
    """What is old, or was and is deleted; `is_complete` is None while nothing has been done.

    There may be more than `counts` says where it is not exact.
    """

    rule: Rule
    counts: Mapping[str, int]
    is_complete: bool | None = None
    is_exact: bool = True

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def rule(days: int | None = None, statuses: str | None = None) -> Rule | None:
    """The settings, with other bounds where they are given; None when nothing is ever old.

    Raises InvalidInput for a status that is none, or not a finished one.
    """
    names = _named(statuses) if statuses else configured.PURGE_STATUSES.value()
    age = configured.PURGE_AGE_DAYS.value() if days is None else days
    if age is None:
        return None
    return Rule(_ago(age), tuple(InstanceStatus[name] for name in names))


def preview(wanted: Rule | None, *, actor: Actor, seconds: float = float("inf")) -> Purge:
    """How many instances a purge would delete, counted for at most `seconds`.

    Raises PermissionMissing, and InvalidInput without a rule.
    """
    known = _checked(wanted, actor)
    found = purging.survey(known, seconds=seconds)
    return Purge(known, found.counts, is_exact=found.is_exact)


def carry_out(wanted: Rule | None, *, actor: Actor) -> Purge:
    """Delete what is old, for `LONGEST` at most: what is left is for the next call, or the next scan.

    Raises PermissionMissing, and InvalidInput without a rule.
    """
    known = _checked(wanted, actor)
    run = purging.purge(known, actor=actor, seconds=LONGEST)
    return Purge(known, run.counts, run.is_complete)


def _named(statuses: str) -> tuple[str, ...]:
    words = (word.strip() for word in statuses.split(","))
    try:
        return configured.PURGE_STATUSES.kind.parse(",".join(_NAMES.get(word, word) for word in words))
    except InvalidInput as error:
        raise InvalidInput(f"Statuses {error}.") from None


def _checked(wanted: Rule | None, actor: Actor) -> Rule:
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    if wanted is None:
        raise InvalidInput("No instance is ever old: the setting PurgeAgeDays is empty. Name Days.")
    return wanted


def _ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
