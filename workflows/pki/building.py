"""Certificates before they are signed: which extensions they carry, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ObjectIdentifier

from workflows.errors import IssuanceRefused
from workflows.pki import general_names, keys, names, usages
from workflows.pki.intents import IssuanceIntent
from workflows.pki.issuers import Issuer
from workflows.pki.usages import KeyUsage

# Clocks of those who check certificates run late; without it a new certificate is "not yet valid" there.
BACKDATING = timedelta(minutes=5)

CA_USAGES = KeyUsage.KeyCertSign | KeyUsage.CrlSign


@dataclass(frozen=True)
class Validity:
    """Both ends belong to it (RFC 5280, 4.1.2.5), in whole seconds of UTC."""

    not_before: datetime
    not_after: datetime


def validity(now: datetime, days: int, issuer: x509.Certificate | None = None) -> Validity:
    """From a little before now, so many days long, within the issuer's; raises IssuanceRefused."""
    start = now.astimezone(UTC).replace(microsecond=0) - BACKDATING
    end = start + timedelta(days=days) - timedelta(seconds=1)
    if issuer:
        start = max(start, issuer.not_valid_before_utc)
        end = min(end, issuer.not_valid_after_utc)
    if not start <= now < end:
        raise IssuanceRefused("The CA's certificate is not valid now; renew the CA first.")
    return Validity(start, end)


def end_entity(
    intent: IssuanceIntent, public_key: keys.PublicKey, issuer: Issuer, serial: int, now: datetime
) -> x509.CertificateBuilder:
    """The certificate that an intent means."""
    subject = names.parse_name(intent.subject)
    period = validity(now, intent.validity_days, issuer.certificate)
    builder = _body(subject, public_key, serial, period, issuer.certificate.subject)
    builder = _from_issuer(builder, issuer)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(usages.to_extension(intent.key_usages), critical=True)
    if intent.extended_key_usages:
        builder = builder.add_extension(usages.extended_extension(intent.extended_key_usages), critical=False)
    if intent.sans:
        # Critical exactly where there is no subject (RFC 5280, 4.2.1.6).
        builder = builder.add_extension(general_names.to_extension(intent.sans), critical=not intent.subject)
    if intent.policies:
        builder = builder.add_extension(_policies(intent.policies), critical=False)
    return builder


def authority(
    subject: x509.Name,
    public_key: keys.PublicKey,
    serial: int,
    period: Validity,
    *,
    path_length: int,
    issuer: Issuer | None,
) -> x509.CertificateBuilder:
    """A CA's certificate, self-signed without an issuer."""
    builder = _body(subject, public_key, serial, period, issuer.certificate.subject if issuer else subject)
    if issuer:
        builder = _from_issuer(builder, issuer)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return builder.add_extension(usages.to_extension(CA_USAGES), critical=True)


def _body(
    subject: x509.Name, public_key: keys.PublicKey, serial: int, period: Validity, issuer: x509.Name
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(period.not_before)
        .not_valid_after(period.not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _from_issuer(builder: x509.CertificateBuilder, issuer: Issuer) -> x509.CertificateBuilder:
    builder = builder.add_extension(issuer.key_identifier, critical=False)
    if issuer.crl_urls:
        builder = builder.add_extension(_distribution_points(issuer.crl_urls), critical=False)
    if issuer.certificate_urls:
        builder = builder.add_extension(_authority_access(issuer.certificate_urls), critical=False)
    return builder


def _distribution_points(urls: tuple[str, ...]) -> x509.CRLDistributionPoints:
    """One point with several addresses: they serve the same CRL (RFC 5280, 4.2.1.13)."""
    places = [x509.UniformResourceIdentifier(url) for url in urls]
    return x509.CRLDistributionPoints([x509.DistributionPoint(places, None, None, None)])


def _authority_access(urls: tuple[str, ...]) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(url)
            )
            for url in urls
        ]
    )


def _policies(oids: tuple[str, ...]) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in oids])
