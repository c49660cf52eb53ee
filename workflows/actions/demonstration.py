"""`make demo`: people, a definition that needs two approvals, and instances in every status.

Everything goes through the same actions as in real life, so a worker must be running.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from workflows.access.actors import TIMER_SERVICE, Actor, actor_for
from workflows.actions import approvals, definitions, enrollment, instances, revocation
from workflows.actions.enrollment import Enrolled
from workflows.actions.enrollment_wishes import Wish
from workflows.engine.watching import wait_until
from workflows.models import CertificateTemplate, DefinitionKey, Instance, Role, User
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

STEP = "RequireApproval1"
SETTLE_SECONDS = 30.0

PEOPLE = {
    "requester": "Rita Requester",
    "approver1": "Ann Approver",
    "approver2": "Ben Approver",
    "operator": "Olga Operator",
    "auditor": "Arthur Auditor",
    "stranger": "Sam Stranger",
}
ROLES: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "Requesters": (
        ["requester"],
        [
            Permission.ENROLLMENT_CSR,
            Permission.ENROLLMENT_PFX,
            Permission.WORKFLOW_INSTANCES_READ_MINE,
            Permission.CERTIFICATES_READ,
            Permission.CERTIFICATE_TEMPLATES_READ,
        ],
    ),
    "Code Signing Approvers": (
        ["approver1", "approver2"],
        [Permission.WORKFLOW_INSTANCES_READ_PENDING],
    ),
    "Operators": (
        ["operator"],
        ["/workflows/", "/certificates/", Permission.DASHBOARD_READ],
    ),
    "Auditors": (
        ["auditor"],
        [Permission.AUDITING_READ, Permission.WORKFLOW_INSTANCES_READ],
    ),
}


@dataclass(frozen=True, slots=True)
class Demonstration:
    usernames: tuple[str, ...]
    password: str


def demonstrate() -> Demonstration | None:
    """Add the cast and play the stories; None when the demonstration is there already."""
    if User.objects.filter(username="stranger").exists():
        return None
    password = secrets.token_urlsafe(9)
    actors = _cast(password)
    _definition()
    _play(actors)
    return Demonstration(tuple(PEOPLE), password)


def _cast(password: str) -> dict[str, Actor]:
    users = {
        name: User.objects.create_user(
            name, password, full_name=full_name, email=f"{name}@demo.keyexample.com"
        )
        for name, full_name in PEOPLE.items()
    }
    for role_name, (members, permissions) in ROLES.items():
        role, _ = Role.objects.get_or_create(
            name=role_name, defaults={"description": "Demonstration", "permissions": list(permissions)}
        )
        role.members.add(*(users[member] for member in members))
    return {name: actor_for(user) for name, user in users.items()}


def _definition() -> None:
    """Code signing needs two of its approvers, unless somebody has bound the template already."""
    key = str(CertificateTemplate.objects.get(common_name="CodeSigning").pk)
    if DefinitionKey.objects.filter(workflow_type=WorkflowType.Enrollment, value=key).exists():
        return
    role = Role.objects.get(name="Code Signing Approvers")
    definition = definitions.create(
        actor=TIMER_SERVICE,
        display_name="Code signing: two approvals",
        description="Two holders of the role Code Signing Approvers sign before the CA does.",
        workflow_type=WorkflowType.Enrollment,
        keys=[key],
    )
    definitions.save_steps(definition.guid, _steps(role), actor=TIMER_SERVICE)
    definitions.publish(definition.guid, actor=TIMER_SERVICE)


def _steps(role: Role) -> list[dict[str, object]]:
    return [
        {"UniqueName": "StartNOOP", "DisplayName": "Start-NOOP", "ExtensionName": "NOOPStep",
         "Outputs": {"continue": STEP}},
        {"UniqueName": STEP, "DisplayName": "Approve code signing", "ExtensionName": "RequireApproval",
         "ConfigurationParameters": {
             "MinimumApprovals": 2,
             "DenialEmailSubject": "Your code signing request was denied",
             "DenialEmailMessage": "<p>$(Subject): $(approvalsignalcmnts)</p>",
             "DenialEmailRecipients": ["$(RequesterEmail)"],
         },
         "Signals": [{"SignalName": "ApprovalStatus", "RoleIds": [role.pk]}],
         "Outputs": {"continue": "EndNOOP"}},
        {"UniqueName": "EndNOOP", "DisplayName": "End-NOOP", "ExtensionName": "NOOPStep", "Outputs": {}},
    ]  # fmt: skip


def _play(actors: dict[str, Actor]) -> None:
    """One story for each status; two wait for signatures, one of them half signed."""
    requester, operator = actors["requester"], actors["operator"]
    issued = [_enroll(requester, f"appsrvr{number}.keyexample.com", "WebServer") for number in range(12, 16)]
    _enroll(requester, "not a host name", "WebServer", dns="appsrvr16.keyexample.com")
    for name in ("Nightly builds", "Release builds"):
        _enroll(requester, name, "CodeSigning")
    half_signed = _enroll(requester, "Installer team", "CodeSigning")
    _approve(half_signed, actors["approver1"])
    signed = _enroll(requester, "Driver team", "CodeSigning")
    for name in ("approver1", "approver2"):
        _approve(signed, actors[name])
    denied = _enroll(requester, "Games team", "CodeSigning")
    approvals.deny(
        denied.instance.guid, actor=actors["approver2"], step_name=STEP, comment="There is no such team."
    )
    stopped = _enroll(requester, "Old builds", "CodeSigning")
    instances.stop(stopped.instance.guid, actor=operator)
    restarted = _enroll(requester, "Mobile team", "CodeSigning")
    instances.restart(restarted.instance.guid, actor=operator)
    _revoke(issued[0], operator, "Replaced by appsrvr13", timedelta(0))
    _revoke(issued[1], operator, "The server is switched off next week", timedelta(days=7))
    for enrolled in (signed, denied):
        _settle(enrolled.instance)


def _enroll(actor: Actor, common_name: str, template: str, dns: str = "") -> Enrolled:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    if template == "WebServer":
        host = x509.DNSName(dns or common_name)
        builder = builder.add_extension(x509.SubjectAlternativeName([host]), critical=False)
    csr = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    pem = csr.public_bytes(serialization.Encoding.PEM).decode()
    return enrollment.enroll(Wish(template=template, csr=pem), actor=actor)


def _approve(enrolled: Enrolled, actor: Actor) -> None:
    approvals.approve(
        enrolled.instance.guid, actor=actor, step_name=STEP, comment="Checked with the team lead."
    )


def _revoke(enrolled: Enrolled, actor: Actor, comment: str, ahead: timedelta) -> None:
    certificate = enrolled.certificate
    if certificate is not None:
        revocation.revoke(
            [certificate.pk],
            actor=actor,
            reason=RevocationReason.Superseded,
            comment=comment,
            effective_at=timezone.now() + ahead,
        )


def _settle(instance: Instance) -> None:
    live = (InstanceStatus.Running, InstanceStatus.Suspended)
    row = Instance.objects.filter(pk=instance.pk)
    wait_until(instance.pk, lambda: not row.filter(status__in=live).exists(), SETTLE_SECONDS)
