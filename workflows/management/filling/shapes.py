"""What kinds of workflow a filled database has, and what their instances begin with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.engine import registry
from workflows.vocabulary.workflow_types import WorkflowType

HOST, USER, DEPARTMENT, NUMBER = "{host}", "{user}", "{department}", "{number}"
"""What the statement that makes instances puts in."""


@dataclass(frozen=True, slots=True, eq=False)  # each is itself, and a key
class Shape:
    """One definition: `share` of a hundred instances run it, in as many `versions`, one after the other."""

    name: str
    workflow_type: WorkflowType
    share: int
    versions: int
    data: Mapping[str, Any]

    @property
    def is_asked_for(self) -> bool:
        """Whether a person starts it, and an approval needs a certificate request, which is not made here."""
        return "InitiatingUserName" in self.data

    @property
    def title(self) -> str:
        spec = registry.workflow_type(self.workflow_type)
        return spec.title(USER, self.data) if spec else self.name

    @property
    def text(self) -> str:
        """The data as JSON, in which the number is one."""
        return json.dumps(self.data).replace(f'"{NUMBER}"', NUMBER)


def _enrollment(template: str) -> dict[str, Any]:
    return {
        "AdditionalAttributes": {"Department": DEPARTMENT},
        "CertificateAuthority": "ca.keyexample.com\\Issuing CA",
        "InitiatingUserName": USER,
        "IsPFX": False,
        "KeyLength": 2048,
        "KeyType": "RSA",
        "SANs": {"DNS Name": {"Entry 1": HOST}},
        "Subject": f"CN={HOST},O=Key Example Inc.",
        "Template": template,
    }


SHAPES = (
    Shape("Web servers", WorkflowType.Enrollment, 34, 4, _enrollment("WebServer")),
    Shape("Code signing", WorkflowType.Enrollment, 6, 2, _enrollment("CodeSigning")),
    Shape(
        "Revocation",
        WorkflowType.Revocation,
        5,
        2,
        {"CertificateId": NUMBER, "CommonName": HOST, "InitiatingUserName": USER, "RevokeCode": 4},
    ),
    Shape(
        "Renewal of what expires",
        WorkflowType.Expiration,
        30,
        4,
        {"AlertId": 1, "CertificateId": NUMBER, "CommonName": HOST},
    ),
    Shape(
        "Gone from the web farm",
        WorkflowType.CertificateLeftCollection,
        15,
        3,
        {"CertificateId": NUMBER, "CommonName": HOST},
    ),
    Shape(
        "SSH keys that are due",
        WorkflowType.KeyRotation,
        8,
        1,
        {"AlertId": 2, "Serial": NUMBER, "Username": f"deploy@{HOST}"},
    ),
    Shape(
        "Revocation lists that run out",
        WorkflowType.RevocationMonitoring,
        2,
        1,
        {"AlertId": 3, "Status": "Expired", "URL": f"http://{HOST}/ca.crl"},
    ),
)
