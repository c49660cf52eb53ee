"""Random definitions: flows of many step types that lead only forward, as people draw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.builders import Step, step

NAMES = [f"Step{number}" for number in range(7)]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
TEXTS = st.sampled_from(["All is well.", "For $(cn) until $(expdate)", "<b>$(metadata:Owner)</b>", "ünïcode"])
CONDITIONS = ["True", "False", "$(flag)", '$(cn) == "www"', 'cn.endswith(".example.com")']

PARAMETERS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "Decision": {"Expression": st.sampled_from(["$(flag)", "1 < 2", 'cn == "www"'])},
    "Email": {
        "Subject": TEXTS.filter(lambda text: "<" not in text),
        "Message": TEXTS,
        "Recipients": st.lists(
            st.sampled_from(["pki@keyexample.com", "$(ownerroleemail)", "role:Approvers"]), min_size=1
        ),
    },
    "NOOPStep": {},
    "RequireApproval": {"MinimumApprovals": st.integers(1, 2), "AllowSelfApproval": st.booleans()},
    "RESTRequest": {
        "URL": st.sampled_from(["https://keyexample.com/$(cn)", "https://keyexample.com/a?b=$(certid)"]),
        "Headers": st.dictionaries(st.sampled_from(["X-One", "X-Two"]), st.sampled_from(["1", ["1", "2"]])),
        "Verb": st.sampled_from(["GET", "POST"]),
        "RequestContent": st.sampled_from(["", '{"name": "$(cn)", "whole": $(metadata:Owner)}']),
    },
    "SetVariable": {
        "ScriptParameters": st.dictionaries(st.sampled_from(["name", "other"]), st.just("$(cn)")),
        "ScriptContent": st.just('{"flag": 1 < 2}'),
    },
    "Wait": {"Hours": st.integers(1, 9), "Minutes": st.integers(0, 59)},
    "WriteLog": {"Message": TEXTS, "Level": st.sampled_from(["Information", "Error"])},
}


@st.composite
def flows(draw: st.DrawFn, kinds: Sequence[str] = (*PARAMETERS,), role_ids: Sequence[int] = ()) -> list[Step]:
    """Start, up to seven steps of these kinds, end; every step is reached from the one before it."""
    usable = [kind for kind in kinds if kind != "RequireApproval" or role_ids]
    names = NAMES[: draw(st.integers(0, len(NAMES)))]
    steps = [step("NOOPStep", "StartNOOP", to=[*names, "EndNOOP"][0])]
    for number, name in enumerate(names):
        steps.append(
            draw(_steps(draw(st.sampled_from(usable)), name, [*names[number + 1 :], "EndNOOP"], role_ids))
        )
    return draw(st.permutations([*steps, step("NOOPStep", "EndNOOP", to=None)]))


@st.composite
def _steps(draw: st.DrawFn, kind: str, name: str, later: Sequence[str], role_ids: Sequence[int]) -> Step:
    signals = [{"SignalName": "ApprovalStatus", "RoleIds": list(role_ids), "RoleTokens": draw(_tokens)}]
    return {
        "ExtensionName": kind,
        "UniqueName": name,
        "DisplayName": draw(WORDS),
        "Enabled": draw(st.booleans()),
        "ConfigurationParameters": draw(st.fixed_dictionaries(PARAMETERS[kind])),
        "Conditions": [{"Value": each} for each in draw(st.lists(st.sampled_from(CONDITIONS), max_size=2))],
        "Signals": signals if kind == "RequireApproval" else [],
        "Outputs": _outputs(kind, later[0], draw(st.sampled_from(later))),
    }


_tokens = st.lists(st.just("$(metadata:OwnerRole)"), max_size=1)


def _outputs(kind: str, following: str, other: str) -> dict[str, str]:
    if kind == "Decision":
        return {"true": following, "false": other}
    return {"continue": following} | ({"error": other} if kind == "RESTRequest" else {})
