"""The checks before publishing, all in one place: errors stop it, warnings do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import approval_checks, field_checks, reachability
from workflows.engine import documents, foresight, registry
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.errors import InvalidDefinition, listed
from workflows.models import DefinitionVersion

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Findings:
    """Sentences, each naming its step."""

    errors: Sequence[str] = ()
    warnings: Sequence[str] = ()


def check(workflow_type: str, given: Sequence[Mapping[str, Any]], earlier: Sequence[Step] = ()) -> Findings:
    """What publishing these steps would refuse, and what it would let pass with a warning."""
    try:
        steps = documents.prepare(workflow_type, given, earlier)
    except InvalidDefinition as refused:
        return Findings(refused.problems)
    found = check_stored(workflow_type, steps)
    return Findings(found.errors, [*found.warnings, *reachability.unreachable_secrets(given)])


def check_version(version: DefinitionVersion) -> Findings:
    """The same for a stored version, and whether the templates of its definition know its fields."""
    found = check_stored(version.definition.workflow_type, version.steps)
    return Findings(found.errors, [*found.warnings, *field_checks.unknown_fields(version)])


def check_stored(workflow_type: str, steps: Sequence[Step]) -> Findings:
    """The same for steps that are well formed; none at all is an error."""
    spec = registry.workflow_type(workflow_type)
    if not steps or spec is None:
        return Findings(["There are no steps; save some before publishing."])
    impossible, risky = approval_checks.check(spec, steps)
    errors = [*documents.obstacles(steps), *impossible, *foresight.undone_approvals(spec, steps)]
    warnings = [
        *risky,
        *_idle(spec, steps),
        *foresight.late_approvals(spec, steps),
        *foresight.doubtful_scripts(spec, steps),
        *foresight.unknown_tokens(spec, steps),
        *foresight.literal_tokens(steps),
        *reachability.unreachable(steps),
    ]
    return Findings(listed(errors), listed(warnings))


def validate(
    workflow_type: str,
    given: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    earlier: Sequence[Step] = (),
) -> Findings:
    """`check` for whoever may read definitions; nothing is stored. Raises PermissionMissing."""
    policies.require(actor, *policies.DEFINITION_READS)
    return check(workflow_type, given, earlier)


def _idle(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> list[str]:
    """The step that a workflow of this type is for, where it is disabled."""
    return [
        f"Step '{step['UniqueName']}' is disabled, so an instance completes without it; enable it if that is "
        "not what you want."
        for step in steps
        if step["ExtensionName"] == spec.built_in_step and not step["Enabled"]
    ]
