"""Examples of /Workflow/Instances; statuses are names here, and numbers under /KeyfactorAPI/ (D1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

_ID = "0b61c1b2-3a5f-4f0e-9a53-0d1c8e1f7a11"
_NEW_ID = "7d3f0b6e-8a2c-4a43-b8c2-5e9f3c0d2b22"
_START = "2025-03-03T08:15:00Z"
_DECIDED = "2025-03-03T09:02:11Z"
_TITLE = "COUNTERSIGN\\ada is enrolling for a certificate with CN=www.keyexample.com."
_DEFINITION = {
    "Id": "5c9e6d1e-6f3f-4b8a-8a45-1f0b7c3d9e33",
    "DisplayName": "Web servers",
    "Version": 3,
    "WorkflowType": "Enrollment",
}
_DECISION = {
    "StepUniqueName": "RequireApproval1",
    "SignalName": "ApprovalStatus",
    "Approved": True,
    "Comment": "Known host.",
    "ContentHash": "9f2c…",
    "DecidedOn": _DECIDED,
}


def _answer(value: Any) -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=["200"])


def _body(value: Any) -> OpenApiExample:
    return OpenApiExample("Body", value=value, request_only=True)


def _result(name: str, **fields: Any) -> dict[str, Any]:
    outcome = {"Succeeded": not fields.get("ErrorCode"), "ErrorCode": None, "Message": None}
    return {"Id": name, **outcome, "NewInstance": None, "Warnings": [], **fields}


def _many(first: dict[str, Any], refusal: str, **fields: Any) -> list[OpenApiExample]:
    """Of two, the second is refused."""
    second = _result("1043", ErrorCode="0xC0050001", Message=refusal)
    return [_body({"Ids": [_ID, 1043], **fields}), _answer({"Results": [first, second]})]


def _change(field: str, before: Any, after: Any) -> dict[str, Any]:
    return {"Field": field, "From": before, "To": after, "IsWithheld": False}


INSTANCE = [
    _answer(
        {
            "Id": _ID,
            "Status": "Suspended",
            "CurrentStepId": "3e0e5bb0-6f0c-4f6f-8f44-2d7c9d0e4c55",
            "StatusMessage": "Awaiting 2 more approval(s) from approval roles.",
            "Definition": _DEFINITION,
            "CurrentStepDisplayName": "Approve",
            "CurrentStepUniqueName": "RequireApproval1",
            "Title": _TITLE,
            "LastModified": _START,
            "StartDate": _START,
            "ReferenceId": 1042,
            "Signals": [
                {
                    "SignalName": "ApprovalStatus",
                    "StepSignalId": "c1a3d9f4-0c4b-4f0e-8a0b-6b5f1f3f7d66",
                    "SignalReceived": False,
                }
            ],
            "InitialData": {"Template": "WebServer", "Subject": "CN=www.keyexample.com"},
            "CurrentStateData": {"Template": "WebServer", "Subject": "CN=www.keyexample.com"},
            "Awaited": {
                "Step": "RequireApproval1",
                "StepDisplayName": "Approve",
                "Since": _START,
                "Deadline": None,
                "Roles": ["PKI approvers"],
            },
        }
    )
]
SIGNAL = [
    _body(
        {
            "SignalKey": "RequireApproval1.ApprovalStatus",
            "Data": {"Approved": "True", "Comment": "Known host."},
        }
    )
]
RESTART = [_body({"Version": 3})]
HISTORY = [
    _answer(
        {
            "Id": _ID,
            "ReferenceId": 1042,
            "Status": "Complete",
            "InitiatingUserName": "COUNTERSIGN\\ada",
            "Steps": [
                {
                    "StepUniqueName": "RequireApproval1",
                    "StepDisplayName": "Approve",
                    "ExtensionName": "RequireApproval",
                    "Attempt": 1,
                    "Status": "Done",
                    "Output": "continue",
                    "Message": "",
                    "StartDate": _START,
                    "EndDate": _DECIDED,
                    "Conditions": [
                        {
                            "Condition": "$(template) == 'WebServer'",
                            "Result": True,
                            "Inputs": {"template": "WebServer"},
                        }
                    ],
                    "Changes": None,
                }
            ],
            "Decisions": [{**_DECISION, "UserName": "COUNTERSIGN\\bob"}],
            "Mails": [
                {
                    "Recipients": ["bob@keyexample.com"],
                    "Subject": "Your approval is awaited",
                    "Status": "Sent",
                    "Error": "",
                    "WrittenOn": _START,
                    "SentOn": _START,
                }
            ],
            "RestartedFrom": None,
            "RestartedBy": None,
            "RestartedAs": [],
        }
    )
]
PAST_DECISION = [
    _answer(
        {
            "Id": _ID,
            "ReferenceId": 1042,
            "Title": _TITLE,
            "Status": "Complete",
            "StatusMessage": "Issued",
            "InitiatingUserName": "COUNTERSIGN\\ada",
            "Definition": _DEFINITION,
            **_DECISION,
        }
    )
]
STOP_MANY = _many(_result(_ID), "The instance is Complete; only running and suspended ones can be stopped.")
RESTART_MANY = _many(
    _result(
        _ID,
        NewInstance={"Id": _NEW_ID, "ReferenceId": 1050, "Status": "Running", "StartDate": _START},
    ),
    "The instance is Complete; only failed, suspended and stopped ones restart.",
    Version=None,
)
DELETE_MANY = _many(_result(_ID), "The instance is Suspended; stop it first, then delete it.")
RESTART_DIFFERENCE = [
    _answer(
        {
            "From": 3,
            "To": 4,
            "Steps": [
                {
                    "UniqueName": "RequireApproval1",
                    "DisplayName": "Approve",
                    "Kind": "Changed",
                    "Changes": [_change("ConfigurationParameters.MinimumApprovals", 2, 1)],
                }
            ],
            "Data": [_change("approvalsignalcmnts", "Known host.", None)],
            "ApprovalsAskedBefore": 2,
            "ApprovalsAskedAfter": 1,
            "ApprovalsGiven": 1,
            "Warnings": ["Version 4 asks for 1 approval(s), version 3 for 2."],
        }
    )
]
_PURGED = {
    "EndedBefore": _START,
    "Count": 1200,
    "Statuses": [{"Status": "Complete", "Count": 1150}, {"Status": "Rejected", "Count": 50}],
}
PURGE_PREVIEW = [_answer({**_PURGED, "IsComplete": None, "IsExact": True})]
PURGE = [
    _body({"Days": 730, "Statuses": "Complete,Rejected"}),
    _answer({**_PURGED, "IsComplete": True, "IsExact": True}),
]
