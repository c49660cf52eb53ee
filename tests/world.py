"""The cast and scenery of most stories: a seeded installation, requester, approvers, operator, stranger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import builders, installed
from workflows.access.actors import Actor
from workflows.actions import enrollment, seeding
from workflows.actions.enrollment import Enrolled
from workflows.actions.enrollment_wishes import Wish
from workflows.models import CertificateTemplate, DefinitionVersion, Role, User
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.workflow_types import WorkflowType

ROOT_KEY = "root.key.pem"
PEOPLE = ("requester", "approver", "second_approver", "operator", "stranger")


@dataclass
class World:
    requester: User
    approver: User
    second_approver: User
    operator: User
    stranger: User
    approvers: Role

    def actor(self, name: str) -> Actor:
        return builders.actor(getattr(self, name))


def make(folder: Path) -> World:
    """Seed the database and add one person of each kind; after the first time, with the rows of that time."""
    before = installed.filled_tables() if _Made.rows is None else set()
    if _Made.rows is not None:
        installed.copy_in(_Made.rows)
        (folder / ROOT_KEY).write_bytes(_Made.root_key)
        return _world()
    _install(folder)
    if User._meta.db_table not in before:
        _Made.rows = installed.copy_out(installed.filled_tables() - before)
        _Made.root_key = (folder / ROOT_KEY).read_bytes()
    return _world()


class _Made:
    """What the first world of this process was made of: a CA and its CRLs take longer than most tests."""

    rows: ClassVar[installed.Copies | None] = None
    root_key: ClassVar[bytes] = b""


def _install(folder: Path) -> None:
    seeding.seed(folder / ROOT_KEY)
    people = {name: builders.user(name, email=f"{name}@keyexample.com") for name in PEOPLE}
    builders.role(
        "Requesters",
        people["requester"],
        permissions=[
            Permission.ENROLLMENT_CSR,
            Permission.ENROLLMENT_PFX,
            Permission.WORKFLOW_INSTANCES_READ_MINE,
        ],
    )
    builders.role(
        "Operators",
        people["operator"],
        permissions=["/workflows/", "/certificates/", Permission.AUDITING_READ],
    )
    builders.role(
        "Approvers",
        people["approver"],
        people["second_approver"],
        permissions=[Permission.WORKFLOW_INSTANCES_READ_PENDING],
    )


def _world() -> World:
    people = {person.username: person for person in User.objects.filter(username__in=PEOPLE)}
    return World(approvers=Role.objects.get(name="Approvers"), **people)


def needs_approvals(
    world: World, count: int = 1, template: str = "WebServer", *, after: Sequence[builders.Step] = ()
) -> DefinitionVersion:
    """A published definition for a template whose only custom step asks for `count` approvals."""
    key = str(CertificateTemplate.objects.get(common_name=template).pk)
    steps = builders.chain(builders.approval(roles=[world.approvers], MinimumApprovals=count), *after)
    return builders.publish(steps, WorkflowType.Enrollment, name=f"{template} with approval", keys=[key])


def csr(
    common_name: str = "appsrvr12.keyexample.com",
    *,
    dns: Sequence[str] = (),
    key: ec.EllipticCurvePrivateKey | None = None,
) -> str:
    """A signed PKCS#10 request over a fresh P-256 key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    )
    sans = x509.SubjectAlternativeName([x509.DNSName(name) for name in dns or [common_name]])
    request = builder.add_extension(sans, critical=False).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def enroll(world: World, *, by: str = "requester", template: str = "WebServer", **wish: object) -> Enrolled:
    """Enroll by CSR as one of the cast, and run the workflow as far as it goes in this process."""
    wish.setdefault("csr", csr())
    enrolled = enrollment.enroll(Wish(template=template, **wish), actor=world.actor(by))  # type: ignore[arg-type]
    builders.run_until_quiet()
    return Enrolled(enrolled.request, builders.reload(enrolled.instance))
