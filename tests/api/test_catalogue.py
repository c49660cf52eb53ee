"""The catalogues of step types and workflow types, in both profiles."""

from __future__ import annotations

import pytest

from tests.api.clients import ApiClient
from workflows.engine import registry

PARAMETER = {
    "DisplayName", "ParameterType", "Required", "DefaultValue", "ControlType", "PotentialValues", "DependsOn",
    "SupportTokenReplacement", "ToolTipContents", "QueryEndpoint", "QueryFieldName", "QueryGroupBy",
}  # fmt: skip


@pytest.fixture
def wire(caller: object) -> ApiClient:
    return caller("/workflows/definitions/read/", mount="/KeyfactorAPI/")  # type: ignore[operator]


def test_every_step_type_is_described(admin: ApiClient) -> None:
    rows = admin.get("Workflow/Definitions/Steps?ReturnLimit=100").json()
    assert [row["ExtensionName"] for row in rows] == [each.extension_name for each in registry.step_types()]
    for row in rows:
        for parameter in row["ConfigurationParametersDefinition"].values():
            assert set(parameter) == PARAMETER
            assert isinstance(parameter["PotentialValues"], dict)
            assert set(parameter["DependsOn"]) <= set(row["ConfigurationParametersDefinition"])


def test_a_step_type_has_outputs_parameters_and_signals(admin: ApiClient) -> None:
    step = admin.get("Workflow/Definitions/Steps/requireapproval").json()
    assert (step["ExtensionName"], step["Outputs"]) == ("RequireApproval", ["continue"])
    minimum = step["ConfigurationParametersDefinition"]["MinimumApprovals"]
    assert (minimum["ParameterType"], minimum["ControlType"], minimum["DefaultValue"]) == (
        "Integer",
        "Number",
        "1",
    )
    assert step["ConfigurationParametersDefinition"]["DenialEmailMessage"]["SupportTokenReplacement"] is True
    assert set(step["SignalsDefinition"]["ApprovalStatus"]["InputParameters"]) == {"Approved", "Comment"}


def test_enums_are_integers_for_existing_clients(wire: ApiClient) -> None:
    minimum = wire.get("Workflow/Definitions/Steps/RequireApproval").json()[
        "ConfigurationParametersDefinition"
    ]
    assert (minimum["MinimumApprovals"]["ParameterType"], minimum["MinimumApprovals"]["ControlType"]) == (
        1,
        1,
    )


def test_choices_are_offered(admin: ApiClient) -> None:
    verb = admin.get("Workflow/Definitions/Steps/RESTRequest").json()["ConfigurationParametersDefinition"][
        "Verb"
    ]
    assert verb["PotentialValues"]["POST"] == "POST"


def test_what_a_parameter_depends_on_and_where_its_values_are(admin: ApiClient) -> None:
    def parameters(extension: str) -> dict[str, dict[str, object]]:
        step = admin.get(f"Workflow/Definitions/Steps/{extension}").json()
        return step["ConfigurationParametersDefinition"]

    assert parameters("RESTRequest")["BasicPassword"]["DependsOn"] == {"UseBasicAuth": "True"}
    assert parameters("RequireApproval")["EscalationRole"]["DependsOn"] == {"OnDeadline": "Escalate"}
    assert parameters("AwsLambda")["ExternalId"]["DependsOn"] == {"RoleArn": None}
    script = parameters("CustomPowerShell")["ScriptName"]
    assert (script["QueryEndpoint"], script["QueryFieldName"]) == ("/Extensions/Scripts", "Name")
    assert parameters("Decision")["Expression"]["SupportTokenReplacement"] is True
    assert parameters("Decision")["Expression"]["QueryEndpoint"] is None


def test_every_list_that_holds_values_can_be_asked(admin: ApiClient) -> None:
    queries = {
        each.query for step_type in registry.step_types() for each in step_type.parameters if each.query
    }
    for query in queries:
        answer = admin.get(query.endpoint.removeprefix("/"))
        assert answer.status_code == 200, query
        assert all(query.field in row for row in answer.json())


def test_tokens_of_a_type_are_described(admin: ApiClient) -> None:
    tokens = admin.get("Workflow/Definitions/Types/revocation/Tokens").json()
    kind = next(
        row for row in admin.get("Workflow/Definitions/Types").json() if row["WorkflowType"] == "Revocation"
    )
    assert [each["Name"] for each in tokens] == kind["ContextParameters"]
    assert tokens[5] == {
        "Name": "code",
        "DisplayName": "Revocation Reason",
        "Token": "$(code)",
        "Description": "Reason of the revocation in words.",
    }
    assert admin.get("Workflow/Definitions/Types/Nonsense/Tokens").status_code == 404


def test_steps_are_searched_and_sorted(admin: ApiClient) -> None:
    asked = "SupportedWorkflowTypes -eq Revocation AND ExtensionName -endswith step"
    rows = admin.get(
        f"Workflow/Definitions/Steps?QueryString={asked}&SortField=ExtensionName&SortAscending=1"
    )
    assert [row["ExtensionName"] for row in rows.json()] == ["RevokeStep", "NOOPStep"]
    assert rows["x-total-count"] == "2"


def test_every_workflow_type_is_described(admin: ApiClient) -> None:
    rows = admin.get("Workflow/Definitions/Types").json()
    assert len(rows) == 9
    enrollment = next(row for row in rows if row["WorkflowType"] == "Enrollment")
    assert enrollment["KeyType"] == "CertificateTemplate"
    assert "CSR" in enrollment["ContextParameters"]
    assert [step["ExtensionName"] for step in enrollment["BuiltInSteps"]] == ["EnrollStep"]
    expiration = next(row for row in rows if row["WorkflowType"] == "Expiration")
    assert expiration["BuiltInSteps"] == []


def test_types_are_searched_by_name(admin: ApiClient) -> None:
    rows = admin.get('Workflow/Definitions/Types?QueryString=Name -startswith "certificateleft"').json()
    assert [row["WorkflowType"] for row in rows] == ["CertificateLeftCollection", "CertificateLeftStore"]


def test_an_unknown_step_type_is_not_found(admin: ApiClient) -> None:
    assert admin.get("Workflow/Definitions/Steps/Nonsense").status_code == 404
