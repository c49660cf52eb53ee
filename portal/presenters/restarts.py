"""The versions that a restart may take, each with what it changes (workflows/restart_difference.html)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.presenters import definition_changes
from portal.presenters.definition_changes import StepChange
from portal.presenters.differences import Change
from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.actions.restart_differences import restart_difference
from workflows.models import DefinitionVersion, Instance


@dataclass(frozen=True)
class Restart:
    """One version; `lost` is the data that the instance has gathered and the new one begins without."""

    number: int
    hint: str | Promise
    is_default: bool
    is_same: bool
    steps: Sequence[StepChange]
    lost: Sequence[Change]
    asked_before: int
    asked_after: int
    given: int
    warnings: Sequence[str]


def restarts(instance: Instance, actor: Actor) -> list[Restart]:
    """The default first. Raises WrongState when it cannot be restarted."""
    versions = instances.restart_versions(instance)
    return [
        _restart(instance, version, actor, is_default=not place) for place, version in enumerate(versions)
    ]


def _restart(instance: Instance, version: DefinitionVersion, actor: Actor, *, is_default: bool) -> Restart:
    found = restart_difference(instance, version, actor=actor)
    return Restart(
        number=version.number,
        hint=_("published now") if is_default else _("the one it began with"),
        is_default=is_default,
        is_same=version == instance.version,
        steps=definition_changes.compare(found.before, found.after),
        lost=[Change(each.field, each.before, each.after) for each in found.data],
        asked_before=found.approvals_before.asked,
        asked_after=found.approvals_after.asked,
        given=found.approvals_given,
        warnings=found.warnings,
    )
