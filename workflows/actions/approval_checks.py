"""Whether the approvals of a definition can be given: who is asked, and how many people that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.engine import foresight
from workflows.engine.expressions.tokens import find_tokens
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.models import Role, User

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom an approval asks, as far as the definition tells."""

    people: int  # who may answer, those of an escalation included
    unknown: Sequence[str] = ()  # role tokens that are no tokens and name no role
    is_open: bool = False  # whether a token names roles that only a run knows
    escalates_to: str = ""
    reached: int = 0  # people of the escalation


def check(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> tuple[list[str], list[str]]:
    """Approvals that can never be given, and those that may wait for nobody."""
    impossible, risky = [], []
    for step, step_type in foresight.enabled(steps):
        if step_type.signals:
            values = foresight.values_of(step, step_type)
            asked = _asked(step, values)
            impossible += [f"Step '{step['UniqueName']}' {text}" for text in _impossible(asked, values)]
            risky += [f"Step '{step['UniqueName']}' {text}" for text in _risky(spec, asked, values)]
    return impossible, risky


def _impossible(asked: _Asked, values: Mapping[str, Any]) -> list[str]:
    if asked.unknown:
        return [
            f"has the role token '{name}', which names no role; name one, or a token that gives one."
            for name in asked.unknown
        ]
    needed = _needed(values)
    if asked.is_open or asked.people >= needed:
        return []
    have = f"its roles have {asked.people} member(s) who may approve"
    return [f"asks for {needed} approval(s), but {have}; add people to the roles or ask for fewer approvals."]


def _risky(spec: WorkflowTypeSpec, asked: _Asked, values: Mapping[str, Any]) -> list[str]:
    found = []
    if asked.escalates_to and not asked.reached:
        found.append(
            f"escalates to the role '{asked.escalates_to}', which has no members who may approve; add people "
            "to it."
        )
    is_tight = asked.people == _needed(values) and not asked.is_open
    if is_tight and spec.built_in_step and not values.get("AllowSelfApproval"):
        found.append(
            f"needs every one of the {asked.people} member(s) of its roles, and nobody approves his own "
            "request; add people to the roles."
        )
    return found


def _asked(step: Step, values: Mapping[str, Any]) -> _Asked:
    tokens = [token for signal in step["Signals"] for token in signal["RoleTokens"]]
    ids = {role for signal in step["Signals"] for role in signal["RoleIds"]}
    found = {token: _role_called(token) for token in tokens if not find_tokens(token)}
    ids |= {role for role in found.values() if role is not None}
    escalation = _escalation(values)
    reached = _role_called(escalation)
    return _Asked(
        people=_people(ids | ({reached} if reached else set())),
        unknown=[token for token, role in found.items() if role is None],
        is_open=any(map(find_tokens, [*tokens, escalation])),
        escalates_to=escalation if not find_tokens(escalation) else "",
        reached=_people({reached}) if reached else 0,
    )


def _escalation(values: Mapping[str, Any]) -> str:
    """The role that is asked at the deadline; empty for none."""
    is_escalated = values.get("DeadlineHours") and values.get("OnDeadline") == "Escalate"
    return str(values.get("EscalationRole") or "") if is_escalated else ""


def _role_called(name: str) -> int | None:
    """The role that a role token means when it stands for itself: by name, else by id."""
    named = Role.objects.filter(name__iexact=name.strip()).values_list("pk", flat=True).first()
    if named is None and name.isdecimal():
        return Role.objects.filter(pk=int(name)).values_list("pk", flat=True).first()
    return named


def _people(roles: Iterable[int]) -> int:
    """How many people hold one of the roles; neither disabled nor service accounts approve."""
    held = User.objects.filter(roles__in=roles, roles__enabled=True, is_active=True, is_service=False)
    return held.distinct().count()


def _needed(values: Mapping[str, Any]) -> int:
    return int(values.get("MinimumApprovals") or 1)
