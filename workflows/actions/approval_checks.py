"""Whether the approvals of a definition can be given: who is asked, and how many people that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from workflows.engine import foresight
from workflows.engine.expressions.tokens import find_tokens
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.models import Role, User
from workflows.workflow_types.keys import is_id

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom an approval asks, as far as the definition tells."""

    people: int  # who may answer, those of an escalation included
    unknown: Sequence[str] = ()  # role tokens that are no tokens and name no role
    is_open: bool = False  # whether a token names roles that only a run knows
    escalates_to: str = ""
    reached: int = 0  # people of the escalation


class _Roles:
    """The roles and people that the steps of one definition name, each looked up once."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = {name.strip().lower() for name in names}
        ids = [int(name) for name in wanted if is_id(name)]
        known = Role.objects.alias(folded=Lower("name")).filter(Q(folded__in=wanted) | Q(pk__in=ids))
        rows = list(known.values_list("pk", "name")) if wanted else []
        self._ids = {str(pk): pk for pk, _ in rows} | {name.lower(): pk for pk, name in rows}
        self._people: dict[frozenset[int], int] = {}

    def called(self, name: str) -> int | None:
        """The role that a role token means when it stands for itself: by name, else by id."""
        return self._ids.get(name.strip().lower())

    def people(self, roles: Iterable[int]) -> int:
        """How many people hold one of the roles; neither disabled nor service accounts approve."""
        asked = frozenset(roles)
        if asked not in self._people:
            held = User.objects.filter(roles__in=asked, roles__enabled=True, is_active=True, is_service=False)
            self._people[asked] = held.distinct().count()
        return self._people[asked]


def check(spec: WorkflowTypeSpec, steps: Sequence[Step]) -> tuple[list[str], list[str]]:
    """Approvals that can never be given, and those that may wait for nobody."""
    approvals = [
        (step, foresight.values_of(step, step_type))
        for step, step_type in foresight.enabled(steps)
        if step_type.signals
    ]
    roles = _Roles(name for each in approvals for name in _names(*each) if not find_tokens(name))
    impossible, risky = [], []
    for step, values in approvals:
        asked = _asked(step, values, roles)
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


def _names(step: Step, values: Mapping[str, Any]) -> list[str]:
    """Role tokens, and the role of an escalation."""
    return [*_tokens(step), _escalation(values)]


def _tokens(step: Step) -> list[str]:
    return [token for signal in step["Signals"] for token in signal["RoleTokens"]]


def _asked(step: Step, values: Mapping[str, Any], roles: _Roles) -> _Asked:
    tokens = _tokens(step)
    ids = {role for signal in step["Signals"] for role in signal["RoleIds"]}
    found = {token: roles.called(token) for token in tokens if not find_tokens(token)}
    ids |= {role for role in found.values() if role is not None}
    escalation = _escalation(values)
    reached = roles.called(escalation)
    return _Asked(
        people=roles.people(ids | ({reached} if reached else set())),
        unknown=[token for token, role in found.items() if role is None],
        is_open=any(map(find_tokens, [*tokens, escalation])),
        escalates_to=escalation if not find_tokens(escalation) else "",
        reached=roles.people({reached}) if reached else 0,
    )


def _escalation(values: Mapping[str, Any]) -> str:
    """The role that is asked at the deadline; empty for none."""
    is_escalated = values.get("DeadlineHours") and values.get("OnDeadline") == "Escalate"
    return str(values.get("EscalationRole") or "") if is_escalated else ""


def _needed(values: Mapping[str, Any]) -> int:
    return int(values.get("MinimumApprovals") or 1)
