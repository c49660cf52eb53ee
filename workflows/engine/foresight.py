"""What the steps of a definition tell before they run: tokens nobody sets, changes that undo an approval."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.engine import graph, registry
from workflows.engine.contracts import Parameter, StepType
from workflows.engine.expressions import conditions
from workflows.engine.expressions.tokens import depends_on
from workflows.engine.parameters import with_defaults
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.vocabulary.parameters import ParameterType

Step = dict[str, Any]

_WORD = re.compile(r"\w+")


def unknown_tokens(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> list[str]:
    """Tokens, and names in expressions, that neither the type nor a step before sets, or not always; behind a
    script nobody can know."""
    by_name, before = {step["UniqueName"]: step for step in steps}, graph.upstream(steps)
    found = []
    for name, step in by_name.items():
        set_before = [sets(by_name[each]) for each in before[name]]
        if None not in set_before:
            known = spec.always.union(*filter(None, set_before), _own_answers(step))
            found += [*_unknown_tokens(spec, step, known), *_unknown_names(step, known)]
    return found


def literal_tokens(steps: Sequence[Step]) -> list[str]:
    """Tokens in parameters that take none, where they would be used as they are written."""
    return [
        f"Step '{step['UniqueName']}': {parameter.name} takes no tokens, so $({token}) stays as it is."
        for step, step_type in enabled(steps)
        for parameter in step_type.parameters
        if not _is_filled(step_type, parameter, values_of(step, step_type))
        if parameter.type not in (ParameterType.Script, ParameterType.Secret)
        for token in sorted(depends_on(values_of(step, step_type)[parameter.name]))
    ]


def undone_approvals(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> list[str]:
    """Steps between an approval and the act it allows that change what was approved: it would be refused."""
    between = _between(spec, steps)
    return [
        f"Step '{step['UniqueName']}' changes {', '.join(sorted(changed))} after an approval, so what was "
        "approved would be refused; move it before the approval."
        for step in steps
        if step["UniqueName"] in between and (changed := spec.approved & (sets(step) or frozenset()))
    ]


def doubtful_scripts(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> list[str]:
    """The same for scripts, of which only a run tells whether they change what they speak of."""
    between = _between(spec, steps)
    return [
        f"Step '{step['UniqueName']}' runs a script after an approval that speaks of "
        f"{', '.join(sorted(words))}; if it changes that, what was approved is refused. Move it before the "
        "approval."
        for step, step_type in enabled(steps)
        if step["UniqueName"] in between
        if (words := spec.approved & {*_WORD.findall(step_type.script(values_of(step, step_type)))})
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


def enabled(steps: Sequence[Step]) -> Iterator[tuple[Step, StepType]]:
    """The steps that are not passed over anyway, each with its type."""
    for step in steps:
        step_type = registry.step_type(step["ExtensionName"])
        if step_type is not None and step["Enabled"]:
            yield step, step_type


def _between(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> set[str]:
    """The names of those that may run after an approval and before the act that it allows."""
    before = graph.upstream(steps)
    approvals = {step["UniqueName"] for step in steps if _is_approval(step)}
    acts = [step["UniqueName"] for step in steps if step["ExtensionName"] == spec.built_in_step]
    return {name for act in acts for name in before[act] if approvals & before[name]}


def _is_approval(step: Step) -> bool:
    step_type = registry.step_type(step["ExtensionName"])
    return step_type is not None and bool(step_type.signals) and step["Enabled"]


def _own_answers(step: Step) -> frozenset[str]:
    """What people's answers set before the step's own mails tell of them."""
    return (_is_approval(step) and sets(step)) or frozenset()


def _unknown_tokens(spec: WorkflowTypeSpec, step: Step, known: frozenset[str]) -> Iterator[str]:
    folded = {name.casefold() for name in known}
    for token in sorted(_tokens(step)):
        if token in spec.sometimes and token not in known:
            yield f"Step '{step['UniqueName']}' uses $({token}), which only {spec.sometimes[token]} have."
        elif not _is_known(token, folded):
            yield (
                f"Step '{step['UniqueName']}' uses $({token}), which neither the workflow type nor a step "
                "before it sets."
            )


def _unknown_names(step: Step, known: frozenset[str]) -> Iterator[str]:
    for name in sorted({name for text in _expressions(step) for name in conditions.free_names(text)}):
        if name not in known and not hasattr(builtins, name):
            yield (
                f"Step '{step['UniqueName']}' reads the name {name} in an expression, which neither the "
                "workflow type nor a step before it sets."
            )


def _expressions(step: Step) -> list[str]:
    """Conditions, and parameters that are expressions; none of a disabled step."""
    return [
        text
        for step, step_type in enabled([step])
        for text in (
            *(each["Value"] for each in step["Conditions"]),
            *(
                str(values_of(step, step_type)[each.name] or "")
                for each in step_type.parameters
                if each.is_expression
            ),
        )
    ]


def _tokens(step: Step) -> set[str]:
    """Heads of all tokens in the places of the step where tokens are read; none of a disabled step."""
    step_type = registry.step_type(step["ExtensionName"])
    if step_type is None or not step["Enabled"]:
        return set()
    values = values_of(step, step_type)
    read = [values[each.name] for each in step_type.parameters if _is_filled(step_type, each, values)]
    roles = [signal["RoleTokens"] for signal in step["Signals"]]
    return depends_on([*(each["Value"] for each in step["Conditions"]), *roles, *read])


def _is_filled(step_type: StepType, parameter: Parameter, values: Mapping[str, Any]) -> bool:
    """Whether tokens in the parameter are replaced; an expression has them read by the step itself."""
    return parameter.is_expression or step_type.place(parameter, values) is not None


def _is_known(token: str, known: set[str]) -> bool:
    """`metadata:Owner` is known when `metadata` is."""
    folded = token.casefold()
    return folded in known or folded.partition(":")[0] in known
