"""The versions that a restart may take, each with what it changes (workflows/restart_difference.html)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.presenters import definition_changes
from portal.presenters.definition_changes import StepChange
from portal.presenters.differences import Change
from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.actions.restart_differences import approvals_of, restart_difference, weaknesses
from workflows.engine import comparing
from workflows.models import DefinitionVersion, Instance


@dataclass(frozen=True)
class Restart:
    """One version, in the place of the one with the number `before`.

    `lost` is the data that the instance has gathered and the new one begins without.
    With `allow_self` who restarts a request may approve it at some of its steps.
    """

    before: int
    number: int
    hint: str | Promise
    is_default: bool
    is_same: bool
    steps: Sequence[StepChange]
    lost: Sequence[Change]
    asked_before: int
    asked_after: int
    allow_self: bool
    given: int
    warnings: Sequence[str]


def restarts(instance: Instance, actor: Actor) -> list[Restart]:
    """The default first. Raises WrongState when it cannot be restarted."""
    versions = instances.restart_versions(instance)
    return [
        _restart(instance, version, actor, is_default=not place) for place, version in enumerate(versions)
    ]


def restart_of(
    before: DefinitionVersion,
    after: DefinitionVersion,
    steps: Sequence[comparing.StepChange],
    *,
    given: int,
    lost: Sequence[Change] = (),
) -> Restart:
    """From one version to the other one, which is the default."""
    asked = approvals_of(after)
    return Restart(
        before=before.number,
        number=after.number,
        hint=_("published now"),
        is_default=True,
        is_same=before == after,
        steps=definition_changes.shown(steps),
        lost=lost,
        asked_before=approvals_of(before).asked,
        asked_after=asked.asked,
        allow_self=asked.allow_self,
        given=given,
        warnings=weaknesses(before, after),
    )


def _restart(instance: Instance, version: DefinitionVersion, actor: Actor, *, is_default: bool) -> Restart:
    found = restart_difference(instance, version, actor=actor)
    lost = [Change(each.field, each.before, each.after) for each in found.data]
    restart = restart_of(found.before, found.after, found.steps, given=found.approvals_given, lost=lost)
    return restart if is_default else replace(restart, hint=_("the one it began with"), is_default=False)
