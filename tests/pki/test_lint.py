"""One good certificate, and each fault alone: what is refused before the CA's key is touched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from tests.pki import samples
from workflows.errors import IssuanceRefused
from workflows.pki import building, identifiers, lint, signing
from workflows.pki.intents import IssuanceIntent

ISSUER = samples.authority().issuer
KEY = samples.private_key(samples.P256).public_key()
SERIAL = identifiers.random_serial()


def builder(**parts: object) -> x509.CertificateBuilder:
    """The good certificate's, with some parts replaced."""
    good = building.end_entity(samples.intent(), KEY, ISSUER, SERIAL, samples.NOW)
    for part, value in parts.items():
        setattr(good, f"_{part}", value)
    return good


def with_extensions(
    *extensions: tuple[x509.ExtensionType, bool], without: type[x509.ExtensionType] | None = None
) -> x509.CertificateBuilder:
    replaced = (without, *(type(value) for value, _ in extensions))
    kept = [found for found in builder()._extensions if type(found.value) not in replaced]
    return builder(
        extensions=kept + [x509.Extension(value.oid, critical, value) for value, critical in extensions]
    )


def problems(candidate: x509.CertificateBuilder) -> list[str]:
    return lint.problems(signing.rehearse(candidate, ISSUER.public_key), ISSUER.certificate)


def usage(**bits: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign "
        "crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**dict.fromkeys(names.split(), False) | bits)


def test_the_good_certificate_has_no_problems() -> None:
    rehearsal = signing.rehearse(builder(), ISSUER.public_key)
    assert lint.problems(rehearsal, ISSUER.certificate) == []
    assert lint.differences(rehearsal, samples.intent()) == []


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (builder(serial_number=7), "serial number"),
        (builder(issuer_name=samples.root().certificate.subject), "issuer's name"),
        (builder(not_valid_after=samples.NOW + timedelta(days=36_500)), "not end after the issuer's"),
        (builder(not_valid_before=samples.NOW - timedelta(days=60)), "not begin before the issuer's"),
        (with_extensions(without=x509.SubjectKeyIdentifier), "subject key identifier is missing"),
        (with_extensions(without=x509.AuthorityKeyIdentifier), "authority key identifier is missing"),
        (
            with_extensions((samples.root_issuer().key_identifier, False)),
            "authority key identifier must be the issuer's",
        ),
        (with_extensions(without=x509.KeyUsage), "must be there and critical"),
        (with_extensions((usage(digital_signature=True), False)), "must be there and critical"),
        (with_extensions((usage(key_cert_sign=True), True)), "exactly CAs"),
        (with_extensions((x509.BasicConstraints(ca=True, path_length=0), True)), "exactly CAs"),
        (with_extensions(without=x509.BasicConstraints), "must be there and critical"),
        (builder(subject_name=x509.Name([])), "critical SANs"),
    ],
)
def test_each_fault_is_named(candidate: x509.CertificateBuilder, expected: str) -> None:
    [problem] = problems(candidate)
    assert expected in problem


def test_a_reversed_validity_and_a_weak_hash_are_named() -> None:
    later = samples.NOW + timedelta(days=1)
    reversed_ = builder(not_valid_before=later, not_valid_after=samples.NOW)
    weak = builder().sign(samples.private_key(samples.P256), hashes.SHA224())
    assert problems(reversed_) == ["the validity must not end before it begins"]
    assert lint.problems(weak, ISSUER.certificate) == ["the signature must use SHA-256 or stronger"]


@pytest.mark.parametrize(
    ("candidate", "what"),
    [
        (builder(subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])), "subject"),
        (with_extensions((x509.SubjectAlternativeName([x509.DNSName("x.example")]), False)), "SANs"),
        (with_extensions(without=x509.SubjectAlternativeName), "SANs"),
        (with_extensions((usage(content_commitment=True), True)), "key usage"),
        (with_extensions(without=x509.ExtendedKeyUsage), "purposes"),
        (
            with_extensions(
                (
                    x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)]),
                    False,
                )
            ),
            "policies",
        ),
    ],
)
def test_each_difference_from_the_intent_is_named(candidate: x509.CertificateBuilder, what: str) -> None:
    found = lint.differences(signing.rehearse(candidate, ISSUER.public_key), samples.intent())
    assert found == [f"the {what} would not be as intended"]


def test_all_problems_are_told_at_once() -> None:
    intent: IssuanceIntent = samples.intent()
    rehearsal = signing.rehearse(builder(serial_number=7, subject_name=x509.Name([])), ISSUER.public_key)
    found = lint.problems(rehearsal, ISSUER.certificate) + lint.differences(rehearsal, intent)
    with pytest.raises(IssuanceRefused, match=r"serial number.*critical SANs.*subject would not"):
        signing.accept(builder(), rehearsal, ISSUER.public_key, found)
