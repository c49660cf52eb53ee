"""What a fresh installation begins with: an administrator, a CA, templates, the global workflows.

Every part is made only where it is missing, so that a second start changes nothing.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from workflows import audit
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import signing
from workflows.engine import documents
from workflows.models import (
    CertificateAuthority,
    CertificateTemplate,
    Definition,
    Role,
    TemplateRegex,
    User,
)
from workflows.pki import authorities, bundles, keys
from workflows.pki.crl import sign_crl
from workflows.pki.issuers import Issuer
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import EnrollmentType, PrivateKeyStatus
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.workflow_types import WorkflowType

ADMINISTRATOR = "Administrator"
ROOT_CRL_DAYS = (
    365  # the root's key is not here to renew it sooner; `publish_root_crl` does, with the key's file
)
P256 = keys.curve_spec("P-256")


@dataclass(frozen=True, slots=True)
class FirstLogin:
    username: str
    password: str


def seed(root_key_file: Path) -> FirstLogin | None:
    """Make what is missing; returns the first administrator's log-in, which is stored nowhere, when made."""
    now = timezone.now()
    with transaction.atomic():
        login = _first_administrator()
        authority = CertificateAuthority.objects.filter(kind="builtin", private_key__isnull=False).first()
        authority = authority or _authorities(root_key_file, now)
        for make in (_web_server, _web_server_pfx, _code_signing):
            make(authority)
        _global("Global Enrollment Workflow", WorkflowType.Enrollment, now)
        _global("Global Revocation Workflow", WorkflowType.Revocation, now)
    signing.publish_due_crls(now)
    return login


def _first_administrator() -> FirstLogin | None:
    role, _ = Role.objects.get_or_create(
        name=ADMINISTRATOR,
        defaults={
            "description": "May do everything; cannot be changed but for its members.",
            "permissions": [Permission.ALL],
            "immutable": True,
        },
    )
    if role.members.exists():
        return None
    login = FirstLogin("admin", secrets.token_urlsafe(15))
    user = User.objects.create_user(login.username, login.password, full_name="First administrator")
    user.roles.add(role)
    _audit(Category.SecurityIdentity, user.account_name, user.pk, {"Roles": [ADMINISTRATOR]})
    return login


def _authorities(root_key_file: Path, now: datetime) -> CertificateAuthority:
    """A root whose key goes into a file that no worker reads, and an issuing CA below it."""
    root = authorities.create_root("CN=Countersign Root CA,O=Countersign", P256, now=now)
    root_row = _authority_row("Countersign Root CA", "root-ca", [root.certificate], is_enabled=False)
    issuer = Issuer(str(root_row), root.certificate, (root_row.crl_url,), (root_row.certificate_url,))
    issuing = authorities.create_issuing(
        "CN=Countersign Issuing CA 1,O=Countersign", P256, issuer=issuer, issuer_key=root.key, now=now
    )
    row = _authority_row("Countersign Issuing CA 1", "issuing-ca-1", [issuing.certificate, root.certificate])
    row.private_key = signing.store_key(issuing.key, "authority", PrivateKeyStatus.Retained)
    row.save(update_fields=["private_key"])
    write_root_crl(root_row, issuer, root.key, now)
    _write_key(root_key_file, root.key)
    for each in (root_row, row):
        _audit(Category.CertificateAuthority, str(each), each.pk, {"IssuerDN": each.issuer_dn})
    return row


def write_root_crl(row: CertificateAuthority, issuer: Issuer, key: keys.PrivateKey, now: datetime) -> None:
    """Sign the root's own CRL, which lists revoked issuing CAs: none yet."""
    next_update = now + timedelta(days=ROOT_CRL_DAYS)
    number = row.next_crl_number
    der = sign_crl(issuer, key, [], number=number, this_update=now, next_update=next_update)
    row.crls.create(number=number, der=der, this_update=now, next_update=next_update)
    row.next_crl_number = number + 1
    row.save(update_fields=["next_crl_number"])


def _authority_row(
    logical_name: str, path: str, chain: Sequence[Any], *, is_enabled: bool = True
) -> CertificateAuthority:
    return CertificateAuthority.objects.create(
        logical_name=logical_name,
        host_name=settings.CA_HOST_NAME,
        chain_pem=bundles.to_pem(chain),
        issuer_dn=f"CN={logical_name},O=Countersign",
        crl_path=path,
        is_enabled=is_enabled,
    )


def _write_key(path: Path, key: keys.PrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def _web_server(authority: CertificateAuthority) -> None:
    template = _template(
        "WebServer", "Web server (CSR)", authority, EnrollmentType.CSR, ["1.3.6.1.5.5.7.3.1"], days=200
    )
    if template is not None:
        TemplateRegex.objects.create(
            template=template,
            subject_part="CN",
            regex=r"^(?=.{1,64}$)[A-Za-z0-9*]([A-Za-z0-9.-]*[A-Za-z0-9])?$",
            error="Invalid CN provided: Value must be a host name such as appsrvr12.keyexample.com.",
        )


def _web_server_pfx(authority: CertificateAuthority) -> None:
    _template(
        "WebServerPfx", "Web server (PFX)", authority, EnrollmentType.PFX, ["1.3.6.1.5.5.7.3.1"], days=200
    )


def _code_signing(authority: CertificateAuthority) -> None:
    _template("CodeSigning", "Code signing", authority, EnrollmentType.CSR, ["1.3.6.1.5.5.7.3.3"], days=365)


def _template(
    name: str,
    display_name: str,
    authority: CertificateAuthority,
    kinds: EnrollmentType,
    purposes: list[str],
    *,
    days: int,
) -> CertificateTemplate | None:
    specs = [P256, keys.curve_spec("P-384"), *(keys.rsa_spec(bits) for bits in (2048, 3072, 4096))]
    template, created = CertificateTemplate.objects.get_or_create(
        common_name=name,
        defaults={
            "display_name": display_name,
            "certificate_authority": authority,
            "allowed_enrollment_types": kinds,
            "key_specs": [spec.to_json() for spec in specs],
            "validity_days": days,
            "key_usage": ["DigitalSignature"],
            "extended_key_usages": purposes,
        },
    )
    if not created:
        return None
    _audit(Category.Template, name, template.pk, {"CertificateAuthority": str(authority)})
    return template


def _global(display_name: str, workflow_type: WorkflowType, now: datetime) -> None:
    if Definition.objects.present().filter(workflow_type=workflow_type, is_global=True).exists():
        return
    definition = Definition.objects.create(workflow_type=workflow_type, is_global=True)
    version = definition.versions.create(
        number=1,
        display_name=display_name,
        description="Serves every request that no other definition claims.",
        steps=documents.prepare(workflow_type, START_AND_END),
        frozen_at=now,
        created_by=TIMER_SERVICE.name,
    )
    definition.latest = definition.published = version
    definition.save(update_fields=["latest", "published"])
    _audit(Category.WorkflowDefinition, display_name, definition.guid, {"PublishedVersion": 1})


START_AND_END: list[dict[str, Any]] = [
    {
        "UniqueName": "StartNOOP",
        "DisplayName": "Start-NOOP",
        "ExtensionName": "NOOPStep",
        "Outputs": {"continue": "EndNOOP"},
    },
    {"UniqueName": "EndNOOP", "DisplayName": "End-NOOP", "ExtensionName": "NOOPStep", "Outputs": {}},
]


def _audit(category: Category, name: str, identifier: object, after: dict[str, Any]) -> None:
    audit.record(
        Operation.Created, category, actor=TIMER_SERVICE, name=name, identifier=identifier, after=after
    )
