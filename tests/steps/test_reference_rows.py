"""Every row of the table of step types (workflow-definitions.md, 3.4) and our own: here or absent on purpose.

A row that loses its step type, a parameter, an output or its workflow types fails; so does a step type that
no row asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from workflows.engine import registry
from workflows.engine.contracts import StepType
from workflows.vocabulary.workflow_types import WorkflowType

README = Path(__file__).parents[2] / "docs" / "steps" / "README.md"
ALL = frozenset(WorkflowType)
REQUEST = "Headers DataBucketProperty Verb URL ContentType RequestContent"
TIMING = "TimeoutSeconds RetryAttempts RetryBackoffSeconds"
CLIENT = "client_id client_secret TokenEndpoint scope audience"
MAIL = "EmailSubject EmailMessage EmailRecipients"


@dataclass(frozen=True)
class Row:
    """What the tables say of one step type; `parameters` are the names it must have, among others."""

    name: str
    portal: str
    parameters: str = ""
    types: frozenset[WorkflowType] = ALL
    outputs: tuple[str, ...] = ("continue",)
    secrets: frozenset[str] = field(default=frozenset())
    once: bool = False


OUTSIDE = ("continue", "error")
ROWS = [
    Row("NOOPStep", "No Operation"),
    Row("Email", "Send Email", "Subject Message Recipients"),
    Row("PowerShell", "Set Variable Data", f"ScriptParameters ScriptContent {TIMING}", outputs=OUTSIDE),
    Row(
        "CustomPowerShell",
        "Use Custom PowerShell",
        f"ScriptParameters ScriptName {TIMING}",
        outputs=OUTSIDE,
    ),
    Row("SetVariable", "Set Variable", "ScriptParameters ScriptContent"),
    Row("Python", "Run Python", "ScriptParameters ScriptContent"),
    Row(
        "RESTRequest",
        "Invoke REST Request",
        f"{REQUEST} UseBasicAuth BasicUsername BasicPassword {TIMING}",
        outputs=OUTSIDE,
        secrets=frozenset({"BasicPassword"}),
    ),
    Row(
        "OAuthRESTRequest",
        "Invoke OAuth REST Request",
        f"{REQUEST} {CLIENT} {TIMING}",
        outputs=OUTSIDE,
        secrets=frozenset({"TokenEndpoint", "client_secret"}),
    ),
    Row(
        "AwsLambda",
        "AWS Lambda",
        f"AccessKey SecretKey RoleArn FunctionName DataBucketProperty {TIMING}",
        outputs=OUTSIDE,
        secrets=frozenset({"SecretKey"}),
    ),
    Row(
        "AzureFunction",
        "Azure Function",
        f"{REQUEST} FunctionKey {TIMING}",
        outputs=OUTSIDE,
        secrets=frozenset({"FunctionKey"}),
    ),
    Row(
        "AzureFunctionOAuth",
        "Azure Function OAuth",
        f"{REQUEST} {CLIENT} FunctionKey {TIMING}",
        outputs=OUTSIDE,
        secrets=frozenset({"FunctionKey", "TokenEndpoint", "client_secret"}),
    ),
    Row(
        "RequireApproval",
        "Require Approval",
        "MinimumApprovals AllowSelfApproval NotifyApprovers ReminderHours DeadlineHours OnDeadline "
        "EscalationRole "
        + " ".join(f"{kind}{part}" for kind in ("Denial", "Approval") for part in MAIL.split()),
    ),
    Row("EnrollStep", "Enroll", types=frozenset({WorkflowType.Enrollment}), once=True),
    Row("RevokeStep", "Revoke", types=frozenset({WorkflowType.Revocation}), once=True),
    Row(
        "ExpirationRenewal",
        "Renew Expired Certificate(s)",
        "Template CA PushToCertStore",
        types=frozenset({WorkflowType.Expiration}),
        outputs=OUTSIDE,
    ),
    Row("UpdateMetadata", "Update Metadata", "Name Value"),
    Row(
        "UpdateSubject",
        "Update Subject and SANs",
        "SubjectParts SANs ReplaceSANs",
        types=frozenset({WorkflowType.Enrollment}),
    ),
    Row(
        "SetAdditionalAttributes",
        "Set Additional Attributes",
        "Attributes",
        types=frozenset({WorkflowType.Enrollment}),
    ),
    Row("Decision", "Decision", "Expression", outputs=("true", "false")),
    Row("Wait", "Wait", "Until Days Hours Minutes"),
    Row("StartWorkflow", "Start Workflow", "DefinitionId InitialData"),
    Row(
        "Webhook",
        "Send Webhook",
        f"URL SigningSecret EventType EventData {TIMING}",
        outputs=OUTSIDE,
        secrets=frozenset({"SigningSecret"}),
    ),
    Row("WriteLog", "Write Log", "Level Message Fields"),
]
ABSENT = ("EnrollmentAgent", "SubjectFormatter")  # their unconfirmed names; the reasons stand in the README


def step_type_of(row: Row) -> StepType:
    found = registry.step_type(row.name)
    assert found is not None, row.name
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_documented_step_type_is_there_as_documented(row: Row) -> None:
    step_type = step_type_of(row)
    assert (step_type.extension_name, step_type.display_name) == (row.name, row.portal)
    assert set(row.parameters.split()) <= {each.name for each in step_type.parameters}
    assert step_type.supported_types == sorted(row.types)
    assert step_type.outputs == row.outputs
    assert step_type.once is row.once


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_exactly_the_credentials_are_secrets(row: Row) -> None:
    step_type = step_type_of(row)
    assert {each.name for each in step_type.parameters if each.type.name == "Secret"} == row.secrets


def test_only_an_approval_takes_a_signal() -> None:
    signals = {each.extension_name: [spec.name for spec in each.signals] for each in registry.step_types()}
    assert {name: names for name, names in signals.items() if names} == {
        "RequireApproval": ["ApprovalStatus"]
    }


def test_no_step_type_is_there_that_no_row_asks_for() -> None:
    assert sorted(row.name for row in ROWS) == sorted(each.extension_name for each in registry.step_types())


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_absent_on_purpose_is_named_with_its_reason(name: str) -> None:
    assert registry.step_type(name) is None
    assert re.search(rf"`{name}`", README.read_text(encoding="utf-8"))
