"""What restarting an instance changes: its steps, its data, and how many people are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.engine import foresight, registry
from workflows.engine.comparing import Change, StepChange, compare
from workflows.models import DefinitionVersion, Instance
from workflows.vocabulary.permissions import Permission


@dataclass(frozen=True, slots=True)
class Approvals:
    """How many the enabled steps of a version ask for, whether or not a condition spares some of them."""

    asked: int
    allow_self: bool


@dataclass(frozen=True, slots=True)
class RestartDifference:
    """`before` is the version that the instance runs, `after` the one it would begin anew with.

    Of `data`, each change leads from what the instance holds now to what the new one begins with; None is
    nothing. `approvals_given` at the instance count no more.
    """

    before: DefinitionVersion
    after: DefinitionVersion
    steps: Sequence[StepChange]
    data: Sequence[Change]
    approvals_given: int

    @property
    def approvals_before(self) -> Approvals:
        return approvals_of(self.before)

    @property
    def approvals_after(self) -> Approvals:
        return approvals_of(self.after)

    @property
    def warnings(self) -> list[str]:
        return weaknesses(self.before, self.after)

    def document(self) -> dict[str, Any]:
        """As the audit log keeps it."""
        return {
            "Version": {"From": self.before.number, "To": self.after.number},
            "Steps": [
                {"UniqueName": step["UniqueName"], "Kind": step["Kind"], "Changes": step["Changes"]}
                for step in (each.document for each in self.steps)
            ],
            "Data": [each.document for each in self.data],
            "ApprovalsAsked": {"From": self.approvals_before.asked, "To": self.approvals_after.asked},
            "ApprovalsGiven": self.approvals_given,
            "Warnings": self.warnings,
        }


def restart_difference(instance: Instance, version: DefinitionVersion, *, actor: Actor) -> RestartDifference:
    """What a restart on one of its `restart_versions` would change, as far as the actor may see it.

    Raises PermissionMissing.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    policies.require(actor, Permission.WORKFLOW_INSTANCES_READ)
    steps = step_changes(instance.version, version, actor=actor)
    return replace(whole_difference(instance, version), steps=steps)


def step_changes(before: DefinitionVersion, after: DefinitionVersion, *, actor: Actor) -> list[StepChange]:
    """With the values of parameters and conditions only for who may read definitions."""
    changes = compare(before.steps, after.steps)
    return changes if policies.reads_definitions(actor) else [each.withheld() for each in changes]


def whole_difference(instance: Instance, version: DefinitionVersion) -> RestartDifference:
    """All but secrets, for the audit log."""
    return RestartDifference(
        before=instance.version,
        after=version,
        steps=compare(instance.version.steps, version.steps),
        data=data_changes(instance.data, instance.record.initial_data),
        approvals_given=instance.decisions.filter(approved=True).count(),
    )


def approvals_of(version: DefinitionVersion) -> Approvals:
    """What all enabled steps that wait for people ask for together."""
    asking = [
        foresight.values_of(step, step_type)
        for step in version.steps
        if (step_type := registry.step_type(step["ExtensionName"])) and step_type.signals and step["Enabled"]
    ]
    return Approvals(
        asked=sum(int(values.get("MinimumApprovals") or 1) for values in asking),
        allow_self=any(values.get("AllowSelfApproval") for values in asking),
    )


def weaknesses(before: DefinitionVersion, after: DefinitionVersion) -> list[str]:
    """In which respects approvals mean less in the version `after`; a sentence for each."""
    old, new = approvals_of(before), approvals_of(after)
    earlier, later, found = f"version {before.number}", f"Version {after.number}", []
    if new.asked < old.asked:
        found.append(f"{later} asks for {new.asked} approval(s), {earlier} for {old.asked}.")
    if new.asked and new.allow_self and not old.allow_self:
        found.append(f"{later} lets people approve their own requests, {earlier} does not.")
    return found


def data_changes(now: Mapping[str, Any], initial: Mapping[str, Any]) -> list[Change]:
    """From what an instance holds now to what it began with."""
    names = sorted(now.keys() | initial.keys())
    return [
        Change(name, now.get(name), initial.get(name)) for name in names if now.get(name) != initial.get(name)
    ]
