"""Certificate revocation lists (RFC 5280, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from workflows.errors import InvalidInput, IssuanceRefused
from workflows.pki import extensions, keys, names
from workflows.pki.issuers import Issuer
from workflows.vocabulary.revocation_reasons import RevocationReason

# Reasons that an entry carries; "unspecified" is said by leaving the reason out (RFC 5280, 5.3.1).
_FLAGS = {
    RevocationReason.KeyCompromise: x509.ReasonFlags.key_compromise,
    RevocationReason.CACompromise: x509.ReasonFlags.ca_compromise,
    RevocationReason.AffiliationChanged: x509.ReasonFlags.affiliation_changed,
    RevocationReason.Superseded: x509.ReasonFlags.superseded,
    RevocationReason.CessationOfOperation: x509.ReasonFlags.cessation_of_operation,
    RevocationReason.CertificateHold: x509.ReasonFlags.certificate_hold,
    RevocationReason.RemoveFromCrl: x509.ReasonFlags.remove_from_crl,
}
_REASONS = {flag: reason for reason, flag in _FLAGS.items()}


@dataclass(frozen=True)
class Revocation:
    """One certificate that is no longer valid, or whose hold was lifted."""

    serial: int
    revoked_at: datetime
    reason: RevocationReason


@dataclass(frozen=True)
class RevocationList:
    """What a CRL says."""

    issuer: str
    number: int | None
    this_update: datetime
    next_update: datetime | None
    revocations: tuple[Revocation, ...]

    def find(self, serial: int) -> Revocation | None:
        """The entry of one certificate, or None where it is not revoked."""
        return next((entry for entry in self.revocations if entry.serial == serial), None)


def sign_crl(
    issuer: Issuer,
    key: keys.PrivateKey,
    revocations: Iterable[Revocation],
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """A complete CRL in DER. Lifted holds and revocations that take effect later are not on it.

    `number` must grow from list to list. Raises IssuanceRefused if the key is not the issuer's.
    """
    if key.public_key() != issuer.public_key:
        raise IssuanceRefused("The CRL was not signed: the private key is not the CA's.")
    listed = [
        entry for entry in revocations if entry.revoked_at <= this_update and not entry.reason.lifts_hold
    ]
    builder = x509.CertificateRevocationListBuilder(
        # All at once: adding entries one by one copies the list each time.
        revoked_certificates=[_entry(entry) for entry in sorted(listed, key=lambda entry: entry.serial)],
    )
    crl = (
        builder.issuer_name(issuer.certificate.subject)
        .last_update(this_update)
        .next_update(next_update)
        .add_extension(issuer.key_identifier, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
        .sign(key, keys.signature_hash(key))
    )
    return crl.public_bytes(Encoding.DER)


def parse_crl(der: bytes) -> RevocationList:
    """The contents of a CRL in DER or PEM, its signature not checked; raises InvalidInput."""
    crl = _load(der)
    try:
        number = extensions.value(crl.extensions, x509.CRLNumber)
        return RevocationList(
            issuer=names.format_name(crl.issuer),
            number=number.crl_number if number else None,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            revocations=tuple(_revocation(entry) for entry in crl),
        )
    except (ValueError, x509.DuplicateExtension) as error:
        raise InvalidInput("The CRL holds fields that cannot be read.") from error


def is_signed_by(der: bytes, issuer: x509.Certificate) -> bool:
    """Whether a CA signed a CRL; raises InvalidInput for an unreadable one, KeyNotAllowed for odd CA keys."""
    crl = _load(der)
    return crl.issuer == issuer.subject and crl.is_signature_valid(keys.check(issuer.public_key()))


def _load(der: bytes) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(der) if der.startswith(b"-----") else x509.load_der_x509_crl(der)
    except (ValueError, x509.InvalidVersion) as error:
        raise InvalidInput("This is not a CRL.") from error


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(revocation.serial)
        .revocation_date(revocation.revoked_at.astimezone(UTC).replace(microsecond=0))
    )
    flag = _FLAGS.get(revocation.reason)
    return (builder.add_extension(x509.CRLReason(flag), critical=False) if flag else builder).build()


def _revocation(entry: x509.RevokedCertificate) -> Revocation:
    reason = extensions.value(entry.extensions, x509.CRLReason)
    known = _REASONS.get(reason.reason, RevocationReason.Unknown) if reason else RevocationReason.Unspecified
    return Revocation(entry.serial_number, entry.revocation_date_utc, known)
