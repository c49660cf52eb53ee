"""Certificates: finding, downloading, and picking up those whose key was made here."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import issuance, signing
from workflows.encryption import Secret
from workflows.errors import InvalidInput, NotFound, WrongState
from workflows.models import Certificate, PrivateKey
from workflows.pki import bundles, chains, decoding
from workflows.pki.chains import ChainOrder
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import PrivateKeyStatus
from workflows.vocabulary.permissions import Permission

FORMATS = ("PEM", "DER", "P7B")


@dataclass(frozen=True, slots=True)
class CertificateName:
    """How callers name a certificate: by id, thumbprint, or issuer and serial number."""

    id: int | None = None
    thumbprint: str = ""
    serial_number: str = ""
    issuer_dn: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """Something to hand out once the transaction has committed."""

    name: str
    content: bytes


def visible(name: CertificateName, *, actor: Actor) -> Certificate:
    """The certificate; a requester sees his own without the permission to read all.

    Raises PermissionMissing, NotFound, or InvalidInput when it is not named.
    """
    rows = Certificate.objects.select_related("authority", "template", "private_key", "request")
    if not actor.may(Permission.CERTIFICATES_READ) and _enrolls(actor):
        return _one(rows.filter(requester=actor.user_id), name)
    return _one(policies.restrict(rows, actor, Permission.CERTIFICATES_READ), name)


def download(
    name: CertificateName,
    *,
    actor: Actor,
    file_format: str = "PEM",
    include_chain: bool = True,
    chain_order: ChainOrder = ChainOrder.END_ENTITY_FIRST,
) -> File:
    """The certificate without its key, as PEM, DER or PKCS#7 (POST /Certificates/Download)."""
    certificate = visible(name, actor=actor)
    wanted = file_format.upper()
    if wanted not in FORMATS:
        raise InvalidInput(f"A certificate can be downloaded as {', '.join(FORMATS)}, not as {file_format}.")
    content = _encoded(certificate, wanted, include_chain, chain_order)
    _audit(Operation.Downloaded, certificate, actor)
    return File(f"{_file_name(certificate)}.{_ENDINGS[wanted]}", content)


def recover(
    name: CertificateName,
    password: Secret[str],
    *,
    actor: Actor,
    include_chain: bool = True,
    legacy: bool = False,
) -> File:
    """Certificate and server-made key as PKCS#12 (POST /Certificates/Recover).

    The key is dropped unless the template retains it. The requester may fetch his own; others need the
    private-key permission.
    """
    with transaction.atomic():
        certificate = _recoverable(name, actor)
        file = _pkcs12(certificate, password, include_chain=include_chain, legacy=legacy)
        _drop_unless_retained(certificate)
        _audit(Operation.Recovered, certificate, actor)
    return file


def base64_text(file: File) -> str:
    return base64.b64encode(file.content).decode()


def pem_chain(certificate: Certificate, *, include_chain: bool = True) -> list[str]:
    """PEM texts, leaf first, as enrollment answers carry them."""
    chain = _chain(certificate) if include_chain else _chain(certificate)[:1]
    return [bundles.to_pem([each]) for each in chain]


def _one(rows: QuerySet[Certificate], name: CertificateName) -> Certificate:
    condition = _condition(name)
    found = rows.filter(**condition).first()
    if found is None:
        raise NotFound("There is no such certificate, or it is not among those you may see.")
    return found


def _condition(name: CertificateName) -> dict[str, Any]:
    if name.id:
        return {"pk": name.id}
    if name.thumbprint:
        return {"thumbprint": name.thumbprint.upper().replace(":", "")}
    if name.serial_number and name.issuer_dn:
        serial = name.serial_number.upper().replace(":", "")
        return {"serial_number": serial, "issuer_dn__iexact": name.issuer_dn}
    raise InvalidInput("Name the certificate by CertID, Thumbprint, or SerialNumber with IssuerDN.")


def _enrolls(actor: Actor) -> bool:
    may_ask = actor.may(Permission.ENROLLMENT_CSR) or actor.may(Permission.ENROLLMENT_PFX)
    return actor.user_id is not None and may_ask


def _recoverable(name: CertificateName, actor: Actor) -> Certificate:
    rows = Certificate.objects.select_related("authority", "private_key", "template").select_for_update(
        of=("self",)
    )
    certificate = _one(rows, name)
    own = actor.user_id is not None and certificate.requester_id == actor.user_id
    if not (own and actor.may(Permission.ENROLLMENT_PFX)):
        policies.require(actor, Permission.CERTIFICATES_READ)
        policies.require(actor, Permission.CERTIFICATES_PRIVATE_KEY_READ)
    return certificate


def _pkcs12(certificate: Certificate, password: Secret[str], *, include_chain: bool, legacy: bool) -> File:
    key = certificate.private_key
    if key is None:
        raise WrongState("The private key of this certificate was never here; the requester has it.")
    if key.ciphertext is None:
        raise WrongState("The private key was fetched before and is no longer kept; enroll anew.")
    chain = _chain(certificate) if include_chain else _chain(certificate)[:1]
    content = bundles.to_pkcs12(
        signing.load_key(key),
        chain,
        password.reveal(),
        friendly_name=certificate.custom_name,
        legacy=legacy,
    )
    return File(f"{_file_name(certificate)}.pfx", content)


def _drop_unless_retained(certificate: Certificate) -> None:
    key = certificate.private_key
    if key is not None and key.status == PrivateKeyStatus.AwaitingPickup:
        PrivateKey.objects.filter(pk=key.pk).update(
            ciphertext=None, status=PrivateKeyStatus.Dropped, dropped_at=timezone.now()
        )


def _chain(certificate: Certificate) -> list[x509.Certificate]:
    own = decoding.load_certificate(bytes(certificate.der))
    return [own, *signing.chain_of(certificate.authority)]


def _encoded(certificate: Certificate, wanted: str, include_chain: bool, order: ChainOrder) -> bytes:
    chain = chains.in_order(_chain(certificate), order) if include_chain else _chain(certificate)[:1]
    if wanted == "DER":
        return bytes(certificate.der)
    if wanted == "P7B":
        return bundles.to_pkcs7(chain, Encoding.DER)
    return bundles.to_pem(chain).encode()


def _file_name(certificate: Certificate) -> str:
    """The common name with only harmless characters, for the browser's download folder."""
    text = certificate.issued_cn or certificate.serial_number
    return "".join(each if each.isalnum() or each in "-_." else "_" for each in text)[:80].lstrip(".")


def _audit(operation: Operation, certificate: Certificate, actor: Actor) -> None:
    audit.record(
        operation,
        Category.Certificate,
        actor=actor,
        name=certificate.issued_dn or certificate.serial_number,
        identifier=certificate.pk,
        after=issuance.summary(certificate),
    )


_ENDINGS = {"PEM": "pem", "DER": "cer", "P7B": "p7b"}
