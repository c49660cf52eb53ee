"""From the steps that a client sends to those that are stored: every reason against them, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests import builders
from tests.builders import chain, noops, step
from tests.engine.conftest import Install
from tests.engine.step_types import Scripted
from workflows.engine import documents, parameters
from workflows.engine.compiling import compile_version
from workflows.engine.contracts import Effects
from workflows.errors import InvalidDefinition
from workflows.models import Definition, DefinitionVersion
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db

Step = dict[str, Any]
NO_CONDITIONS = "takes no conditions, because issuing and revoking are never skipped; remove them."
NO_ROLE = "needs a signal with at least one role (RoleIds or RoleTokens); nobody could ever answer it."
TOKENS = ["$(role)"]
ENROLL, REVOKE = step("EnrollStep", "Enroll"), step("RevokeStep", "Revoke")


def problems_of(steps: Sequence[Step], workflow_type: WorkflowType = WorkflowType.Expiration) -> list[str]:
    with pytest.raises(InvalidDefinition) as caught:
        documents.prepare(workflow_type, steps)
    return caught.value.problems


def approval(**fields: Any) -> Step:
    return step("RequireApproval", "Approve", **fields)


def test_an_unknown_extension_is_named_with_those_there_are() -> None:
    (problem,) = problems_of(chain(step("Magic", "Trick")))
    assert problem.startswith("Step 'Trick': there is no step type Magic; there are ")
    assert "NOOPStep" in problem


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (
            [*noops(2), step("NOOPStep", "EndNOOP", to=None)],
            "UniqueName 'EndNOOP' is used more than once; give each step its own.",
        ),
        (
            [step("NOOPStep", "StartNOOP", to="Nowhere")],
            "Step 'StartNOOP': output 'continue' leads to 'Nowhere', which is not a step.",
        ),
        (
            [*noops(2), step("NOOPStep", "Lonely")],
            "Step 'Lonely' can never be reached; connect it or remove it.",
        ),
        (
            [step("NOOPStep", "A", to="B"), step("NOOPStep", "B", to="A")],
            "Steps run in a circle: A → B → A.",
        ),
    ],
    ids=["duplicate", "dangling", "unreachable", "circle"],
)
def test_a_fault_of_the_graph_is_refused(steps: list[Step], problem: str) -> None:
    assert problems_of(steps) == [problem]


@pytest.mark.parametrize(
    ("built_in", "workflow_type"),
    [(ENROLL, WorkflowType.Enrollment), (REVOKE, WorkflowType.Revocation)],
    ids=["enroll", "revoke"],
)
class TestStepsThatIssueOrRevoke:
    def test_a_second_one_is_refused(self, built_in: Step, workflow_type: WorkflowType) -> None:
        steps = chain(dict(built_in), {**built_in, "UniqueName": "Again"})
        name = built_in["ExtensionName"]
        assert problems_of(steps, workflow_type) == [
            f"Step 'Again' is a second {name}; remove it, one is allowed."
        ]

    def test_conditions_on_it_are_refused(self, built_in: Step, workflow_type: WorkflowType) -> None:
        steps = chain({**built_in, "Conditions": [{"Value": "True"}]})
        assert problems_of(steps, workflow_type) == [f"Step '{built_in['UniqueName']}' {NO_CONDITIONS}"]

    def test_another_type_of_workflow_refuses_it(self, built_in: Step, workflow_type: WorkflowType) -> None:
        name, extension = built_in["UniqueName"], built_in["ExtensionName"]
        told = f"Step '{name}': {extension} belongs only in {workflow_type}; remove it."
        assert problems_of(chain(dict(built_in))) == [told]

    def test_a_missing_one_is_put_before_the_end(self, built_in: Step, workflow_type: WorkflowType) -> None:
        stored = documents.prepare(workflow_type, noops(3))
        assert path_of(stored) == ["StartNOOP", "NOOP0", added_name(workflow_type), "EndNOOP"]
        (added,) = (each for each in stored if each["ExtensionName"] == built_in["ExtensionName"])
        display_name = {"Enrollment": "Keyfactor-Enroll", "Revocation": "Keyfactor-Revoke"}[workflow_type]
        assert added["DisplayName"] == display_name

    def test_it_alone_is_the_whole_of_an_empty_definition(
        self, built_in: Step, workflow_type: WorkflowType
    ) -> None:
        (stored,) = documents.prepare(workflow_type, [])
        assert stored["UniqueName"] == added_name(workflow_type)

    def test_it_follows_a_last_step_that_does_something(
        self, built_in: Step, workflow_type: WorkflowType, install: Install
    ) -> None:
        install(Effects.PURE)
        stored = documents.prepare(workflow_type, [step("Scripted", "Only", to=None)])
        assert path_of(stored) == ["Only", added_name(workflow_type)]

    def test_one_that_is_there_stays_where_it_is(self, built_in: Step, workflow_type: WorkflowType) -> None:
        stored = documents.prepare(workflow_type, chain(dict(built_in), step("NOOPStep", "After")))
        assert path_of(stored) == ["StartNOOP", built_in["UniqueName"], "After", "EndNOOP"]

    def test_its_name_on_another_step_is_refused(self, built_in: Step, workflow_type: WorkflowType) -> None:
        """The step that is added would be a second one of that name."""
        name = added_name(workflow_type)
        assert problems_of(chain(step("NOOPStep", name)), workflow_type) == [
            f"UniqueName '{name}' is used more than once; give each step its own."
        ]

    def test_saving_what_was_read_changes_nothing(self, built_in: Step, workflow_type: WorkflowType) -> None:
        stored = documents.prepare(workflow_type, noops(3))
        assert documents.prepare(workflow_type, stored, stored) == stored


@pytest.mark.parametrize(
    ("outputs", "after_error", "expected"),
    [
        ({"continue": "EndNOOP", "error": "EndNOOP"}, [], {"Check.continue"}),
        ({"continue": "EndNOOP", "error": "Tell"}, ["EndNOOP"], {"Check.continue"}),
        ({"continue": "Tell", "error": "Tell"}, ["EndNOOP"], {"Tell.continue"}),
        ({"continue": "EndNOOP", "error": "Tell"}, [], {"Check.continue"}),
        ({"error": "EndNOOP"}, [], {"Check.continue"}),
        ({"error": "Tell"}, [], {"Check.continue"}),
    ],
    ids=["to the end", "by a mail to the end", "joined again", "no way on", "end of errors", "errors only"],
)
def test_the_added_step_is_on_no_way_of_an_error(
    outputs: dict[str, str], after_error: list[str], expected: set[str]
) -> None:
    """A check that fails must not issue."""
    check = step("RESTRequest", "Check", ConfigurationParameters={"URL": "https://a.example"})
    steps = [step("NOOPStep", "StartNOOP", to="Check"), {**check, "Outputs": outputs}]
    if "Tell" in outputs.values():
        message = {"Message": "It failed."}
        steps.append(
            step("WriteLog", "Tell", to=next(iter(after_error), None), ConfigurationParameters=message)
        )
    if "EndNOOP" in [*outputs.values(), *after_error]:
        steps.append(step("NOOPStep", "EndNOOP", to=None))
    stored = documents.prepare(WorkflowType.Enrollment, steps)
    leading = {
        f"{each['UniqueName']}.{output}"
        for each in stored
        for output, target in each["Outputs"].items()
        if target == "KeyfactorEnroll"
    }
    assert leading == expected


def added_name(workflow_type: WorkflowType) -> str:
    return {"Enrollment": "KeyfactorEnroll", "Revocation": "KeyfactorRevoke"}[workflow_type]


def path_of(steps: Sequence[Step]) -> list[str]:
    """The names along `continue`, from the first step on."""
    by_name = {each["UniqueName"]: each for each in steps}
    version = DefinitionVersion(
        number=1, steps=list(steps), definition=Definition(workflow_type=WorkflowType.Enrollment)
    )
    name: str | None = compile_version(version).first
    path = []
    while name is not None:
        path.append(name)
        name = by_name[name]["Outputs"].get("continue")
    return path


def test_problems_of_every_kind_come_at_once() -> None:
    steps = [
        *chain(
            step("EnrollStep", "Enroll"), approval(Signals=[{"SignalName": "ApprovalStatus", "RoleIds": [0]}])
        ),
        step("NOOPStep", "Lonely", to="Nowhere", Conditions=[{"Value": "1 +"}]),
        step("Email", "Tell", ConfigurationParameters={"Nonsense": 1}),
    ]
    found = " ".join(problems_of(steps))
    for words in (
        "'Enroll': EnrollStep belongs only in Enrollment",
        "names role 0, which does not exist",
        "'Lonely': condition '1 +'",
        "leads to 'Nowhere'",
        "has no parameter Nonsense",
        "needs the parameter Subject",
    ):
        assert words in found


def test_a_missing_parameter_is_named() -> None:
    steps = chain(step("Email", "Tell", ConfigurationParameters={"Subject": "Hello"}))
    assert problems_of(steps) == [
        "Step 'Tell' needs the parameter Message.",
        "Step 'Tell' needs the parameter Recipients.",
    ]


def test_an_ill_typed_parameter_is_named_with_its_type() -> None:
    roles = [builders.role("Approvers")]
    steps = chain(builders.approval("Approve", roles=roles, MinimumApprovals="two"))
    assert problems_of(steps) == ["Step 'Approve' parameter MinimumApprovals must be a whole number."]


@pytest.mark.parametrize(("value", "word"), [(0, "at least 1"), (51, "at most 50"), (True, "a whole number")])
def test_a_parameter_out_of_range_is_named_with_its_limit(value: object, word: str) -> None:
    roles = [builders.role("Approvers")]
    steps = chain(builders.approval("Approve", roles=roles, MinimumApprovals=value))
    assert problems_of(steps) == [f"Step 'Approve' parameter MinimumApprovals must be {word}."]


def test_an_unknown_parameter_is_named_with_those_there_are(install: Install) -> None:
    install(Effects.PURE)
    steps = chain(step("Scripted", "Tested", ConfigurationParameters={"Colour": "red"}))
    assert problems_of(steps) == ["Step 'Tested' has no parameter Colour; it takes Text, Count, Key."]


def test_an_unknown_output_is_named_with_those_there_are() -> None:
    steps = [{**step("NOOPStep", "StartNOOP"), "Outputs": {"aside": "EndNOOP"}}, *noops(2)[1:]]
    assert problems_of(steps)[0] == "Step 'StartNOOP' has no output 'aside'; it has continue."


def test_an_unknown_role_is_named() -> None:
    signals = [{"SignalName": "ApprovalStatus", "RoleIds": [4711]}]
    assert problems_of(chain(approval(Signals=signals))) == [
        "Step 'Approve' names role 4711, which does not exist; GET /Security/Roles lists those there are."
    ]


@pytest.mark.parametrize(
    ("signals", "problem"),
    [
        ([], "needs a signal with at least one role (RoleIds or RoleTokens); nobody could ever answer it."),
        (
            [{"SignalName": "ApprovalStatus"}],
            "needs a signal with at least one role (RoleIds or RoleTokens); nobody could ever answer it.",
        ),
        (
            [{"SignalName": "Shout", "RoleTokens": ["$(role)"]}],
            "takes no signal 'Shout'.",
        ),
        (
            [
                {"SignalName": name, "RoleTokens": ["$(role)"]}
                for name in ("ApprovalStatus", "approvalstatus")
            ],
            "names a signal twice.",
        ),
    ],
    ids=["none", "nobody", "unknown", "twice"],
)
def test_a_wrong_signal_is_refused(signals: list[dict[str, Any]], problem: str) -> None:
    assert problems_of(chain(approval(Signals=signals))) == [f"Step 'Approve' {problem}"]


def test_a_condition_that_can_never_be_decided_is_shown() -> None:
    (problem,) = problems_of(chain(step("NOOPStep", "Asked", Conditions=[{"Value": "import os"}])))
    assert problem.startswith("Step 'Asked': condition 'import os': ")


def test_every_problem_is_told_at_once() -> None:
    signals = [{"SignalName": "ApprovalStatus", "RoleIds": [4711]}]
    found = problems_of(chain(step("Magic", "Trick"), approval(Signals=signals)))
    assert [problem.split(":")[0].split(" names")[0] for problem in found] == [
        "Step 'Trick'",
        "Step 'Approve'",
    ]


def test_ids_are_kept_by_unique_name() -> None:
    first = documents.prepare(WorkflowType.Expiration, noops(3))
    again = documents.prepare(WorkflowType.Expiration, noops(4), first)
    kept = {each["UniqueName"]: each["Id"] for each in first}
    ids = {each["UniqueName"]: each["Id"] for each in again}
    assert ids.items() >= kept.items()
    assert len(set(ids.values())) == 4


@pytest.mark.parametrize("name", ["noopstep", "NOOPSTEP"])
def test_extensions_are_known_without_case_and_stored_by_their_name(name: str) -> None:
    (stored,) = documents.prepare(WorkflowType.Expiration, [step(name, "Only", to=None)])
    assert stored["ExtensionName"] == "NOOPStep"


def test_a_name_longer_than_its_column_is_refused() -> None:
    """The history could not be written, and the instance would fail at a step that did its work."""
    long = "x" * 129
    assert problems_of(chain(step("NOOPStep", long))) == [
        f"UniqueName '{long[:40]}…' is too long; 128 characters fit."
    ]


class TestSecrets:
    def save(self, key: object, earlier: Sequence[Step] = ()) -> list[Step]:
        given = chain(step("Scripted", "Tested", ConfigurationParameters={"Key": key}))
        return documents.prepare(WorkflowType.Expiration, given, earlier)

    def stored(self, steps: Sequence[Step]) -> Any:
        return next(each for each in steps if each["UniqueName"] == "Tested")["ConfigurationParameters"][
            "Key"
        ]

    def opened(self, steps: Sequence[Step]) -> str | None:
        parameter = next(each for each in Scripted.parameters if each.name == "Key")
        secret = parameters.unseal(parameter, self.stored(steps))
        return secret.reveal() if secret else None

    def test_they_are_stored_sealed(self, install: Install) -> None:
        install(Effects.PURE)
        steps = self.save({"SecretValue": "hunter2"})
        assert "hunter2" not in str(steps)
        assert self.opened(steps) == "hunter2"

    def test_null_keeps_what_was_given_before(self, install: Install) -> None:
        install(Effects.PURE)
        before = self.save({"SecretValue": "hunter2"})
        assert self.opened(self.save(None, before)) == "hunter2"

    def test_a_new_one_replaces_it(self, install: Install) -> None:
        install(Effects.PURE)
        before = self.save({"SecretValue": "hunter2"})
        assert self.opened(self.save({"SecretValue": "hunter3"}, before)) == "hunter3"

    def test_null_with_nothing_before_is_nothing(self, install: Install) -> None:
        install(Effects.PURE)
        assert self.opened(self.save(None)) is None

    def test_what_is_sealed_already_is_taken_only_from_ourselves(self, install: Install) -> None:
        """A sealed value from elsewhere would run a step with somebody else's secret, or not at all."""
        install(Effects.PURE)
        before = self.save({"SecretValue": "hunter2"})
        assert self.opened(self.save(self.stored(before), before)) == "hunter2"
        for forged in (self.stored(before), {parameters.SEALED: "AAAA"}):
            with pytest.raises(InvalidDefinition) as caught:
                self.save(forged)
            assert caught.value.problems == [
                'Step \'Tested\' parameter Key must be an object {"SecretValue": "…"} with the secret itself.'
            ]
