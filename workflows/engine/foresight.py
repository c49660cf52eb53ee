"""What the steps of a definition tell before they run: tokens nobody sets, changes that undo an approval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from workflows.engine import graph, registry
from workflows.engine.contracts import StepType
from workflows.engine.expressions.tokens import depends_on
from workflows.engine.parameters import with_defaults
from workflows.engine.workflow_type import WorkflowTypeSpec

Step = dict[str, Any]


def unknown_tokens(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> list[str]:
    """Tokens that neither the type nor a step before sets; behind a script nobody can know."""
    by_name, before = {step["UniqueName"]: step for step in steps}, graph.upstream(steps)
    always = {name.casefold() for name in (*spec.context_parameters, *spec.aliases, *spec.brings)}
    found = []
    for name, step in by_name.items():
        set_before = [sets(by_name[each]) for each in before[name]]
        if None not in set_before:
            known = always | _folded(set_before)
            found += [_unknown(name, token) for token in sorted(_tokens(step)) if not _is_known(token, known)]
    return found


def undone_approvals(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> list[str]:
    """Steps between an approval and the act it allows that change what was approved: it would be refused."""
    before = graph.upstream(steps)
    approvals = {step["UniqueName"] for step in steps if _is_approval(step)}
    acts = [step["UniqueName"] for step in steps if step["ExtensionName"] == spec.built_in_step]
    return [
        f"Step '{name}' changes {', '.join(sorted(changed))} after an approval, so what was approved would "
        "be refused; move it before the approval."
        for name, changed in _changing(spec, steps)
        if approvals & before[name] and any(name in before[act] for act in acts)
    ]


def late_approvals(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> list[str]:
    """Approvals that are asked for when what they might forbid is done, with none before it."""
    before = graph.upstream(steps)
    approvals = {step["UniqueName"] for step in steps if _is_approval(step)}
    acts = {step["UniqueName"] for step in steps if step["ExtensionName"] == spec.built_in_step}
    return [
        f"Step '{name}' asks for approval after '{act}', which it cannot stop any more; move it before that "
        "step unless this is meant."
        for act in sorted(acts)
        if not approvals & before[act]
        for name in sorted(approvals)
        if act in before[name]
    ]


def sets(step: Step) -> frozenset[str] | None:
    """What an enabled step sets in the data; None when only its run tells."""
    step_type = registry.step_type(step["ExtensionName"])
    if step_type is None or not step["Enabled"]:
        return frozenset()
    return step_type.sets(step["UniqueName"], values_of(step, step_type))


def values_of(step: Step, step_type: StepType) -> Mapping[str, Any]:
    return with_defaults(step_type, step["ConfigurationParameters"])


def _changing(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> Iterator[tuple[str, frozenset[str]]]:
    for step in steps:
        if changed := spec.approved & (sets(step) or frozenset()):
            yield step["UniqueName"], changed


def _is_approval(step: Step) -> bool:
    step_type = registry.step_type(step["ExtensionName"])
    return step_type is not None and bool(step_type.signals) and step["Enabled"]


def _tokens(step: Step) -> set[str]:
    """Heads of all tokens in the places of the step where tokens are read; none of a disabled step."""
    step_type = registry.step_type(step["ExtensionName"])
    if step_type is None or not step["Enabled"]:
        return set()
    conditions = [each["Value"] for each in step["Conditions"]]
    roles = [signal["RoleTokens"] for signal in step["Signals"]]
    return depends_on([*conditions, *roles, *_read(step_type, values_of(step, step_type))])


def _read(step_type: StepType, values: Mapping[str, Any]) -> Iterator[Any]:
    """Values in which tokens are replaced; an expression has its tokens read by the step itself."""
    for parameter in step_type.parameters:
        if parameter.is_expression or step_type.place(parameter, values) is not None:
            yield values[parameter.name]


def _folded(found: Iterable[frozenset[str] | None]) -> set[str]:
    return {name.casefold() for names in found for name in names or ()}


def _is_known(token: str, known: set[str]) -> bool:
    """`metadata:Owner` is known when `metadata` is."""
    folded = token.casefold()
    return folded in known or folded.partition(":")[0] in known


def _unknown(name: str, token: str) -> str:
    return f"Step '{name}' uses $({token}), which neither the workflow type nor a step before it sets."
