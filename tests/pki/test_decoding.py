"""Our own certificates and strangers', as they are shown."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pki import samples
from tests.pki.test_issuing import issue
from workflows.errors import InvalidInput
from workflows.pki import decoding, identifiers, usages
from workflows.pki.decoding import AlternativeName, KeyDescription, Purpose
from workflows.pki.usages import KeyUsage

ISSUED = issue(samples.intent(spec=samples.RSA2048))
OWN = decoding.describe_certificate(ISSUED.der)


def stranger(
    *extensions: x509.ExtensionType,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey | ed25519.Ed25519PrivateKey,
    algorithm: hashes.SHA256 | None = hashes.SHA256(),  # noqa: B008 (immutable)
) -> bytes:
    """Self-signed, as other software makes them."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 0xABC, samples.NOW, samples.NOW + timedelta(1)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def test_our_own_certificate_is_shown_as_intended() -> None:
    assert OWN.subject == samples.SUBJECT
    assert (OWN.common_name, OWN.organizational_unit) == ("appsrvr12.keyexample.com", "IT")
    assert OWN.issuer == "CN=Key Example Issuing CA,O=Key Example,C=US"
    assert OWN.key == KeyDescription("RSA", 2048, None)
    assert OWN.signing_algorithm == "SHA-256withECDSA"
    assert OWN.key_usage == KeyUsage.DigitalSignature | KeyUsage.KeyEncipherment
    assert OWN.purposes == (Purpose("1.3.6.1.5.5.7.3.1", "Server Authentication"),)
    assert OWN.alternative_names[0] == AlternativeName(2, "appsrvr12.keyexample.com")
    assert OWN.alternative_names[-1] == AlternativeName(7, "2001:db8::7")
    assert OWN.crl_urls == ("http://pki.keyexample.com/issuing.crl",)
    assert (OWN.is_authority, OWN.has_readable_extensions) == (False, True)


def test_numbers_are_upper_case_hexadecimal() -> None:
    assert (OWN.serial_number, OWN.thumbprint) == (ISSUED.serial_number, ISSUED.thumbprint)
    assert OWN.thumbprint == hashlib.sha1(ISSUED.der).hexdigest().upper()
    assert OWN.thumbprint_sha256 == hashlib.sha256(ISSUED.der).hexdigest().upper()
    assert [identifiers.serial_hex(serial) for serial in (0xABC, 0x80, 0)] == ["0ABC", "80", "00"]


def test_key_usage_has_the_wires_detailed_form() -> None:
    detailed = usages.detailed(OWN.key_usage)
    assert detailed["HexCode"] == "a0"
    assert {name for name, value in detailed.items() if value is True} == {
        "DigitalSignature",
        "KeyEncipherment",
    }
    assert len(detailed) == 10


def test_a_ca_is_told_apart() -> None:
    root = decoding.describe_certificate(samples.root().certificate.public_bytes(Encoding.DER))
    assert root.is_authority
    assert root.key == KeyDescription("ECC", 384, "1.3.132.0.34")
    assert root.key_usage == KeyUsage.KeyCertSign | KeyUsage.CrlSign


@pytest.mark.parametrize(
    ("key", "algorithm", "expected", "signing"),
    [
        (ed25519.Ed25519PrivateKey.generate(), None, KeyDescription("Ed25519", 0, None), "Ed25519"),
        (
            dsa.generate_private_key(1024),
            hashes.SHA256(),
            KeyDescription("DSA", 1024, None),
            "SHA-256withDSA",
        ),
        (
            ec.generate_private_key(ec.SECP256K1()),
            hashes.SHA256(),
            KeyDescription("ECC", 256, "secp256k1"),
            "SHA-256withECDSA",
        ),
        (
            rsa.generate_private_key(65537, 1024),
            hashes.SHA256(),
            KeyDescription("RSA", 1024, None),
            "SHA-256withRSA",
        ),
    ],
    ids=["Ed25519", "DSA", "secp256k1", "RSA 1024"],
)
def test_keys_that_we_would_not_certify_are_shown(
    key: ed25519.Ed25519PrivateKey, algorithm: hashes.SHA256 | None, expected: KeyDescription, signing: str
) -> None:
    found = decoding.describe_certificate(stranger(key=key, algorithm=algorithm))
    assert (found.key, found.signing_algorithm, found.serial_number) == (expected, signing, "0ABC")


def test_names_that_we_would_not_issue_are_shown() -> None:
    directory = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a,b")])
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("_sip.example"),
            x509.DirectoryName(directory),
            x509.OtherName(ObjectIdentifier("1.2.3"), b"\x0c\x01a"),
            x509.RFC822Name("a@b.example"),
        ]
    )
    purposes = x509.ExtendedKeyUsage(
        [ObjectIdentifier("1.2.3.4"), ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]
    )
    found = decoding.describe_certificate(
        stranger(names, purposes, key=ec.generate_private_key(ec.SECP256R1()))
    )
    assert [name.value for name in found.alternative_names] == [
        "_sip.example",
        'CN="a,b"',
        "0c0161",
        "a@b.example",
    ]
    assert [name.type for name in found.alternative_names] == [2, 4, 0, 1]
    assert found.email == "a@b.example"
    assert found.purposes == (Purpose("1.2.3.4", "1.2.3.4"), Purpose("2.5.29.37.0", "Any Purpose"))


def test_unreadable_extensions_leave_the_rest_readable() -> None:
    broken = x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.17"), b"\x30\x02\x84\x05")
    found = decoding.describe_certificate(stranger(broken, key=ec.generate_private_key(ec.SECP256R1())))
    assert found.common_name == "stranger"
    assert (found.alternative_names, found.has_readable_extensions) == ((), False)


@pytest.mark.parametrize("form", ["DER", "PEM", "text", "base64", "lines"])
def test_every_usual_form_is_read(form: str) -> None:
    pem = samples.root().certificate.public_bytes(Encoding.PEM)
    der = samples.root().certificate.public_bytes(Encoding.DER)
    forms: dict[str, str | bytes] = {
        "DER": der,
        "PEM": pem,
        "text": "Subject: x\n" + pem.decode(),
        "base64": base64.b64encode(der).decode(),
        "lines": base64.encodebytes(der),
    }
    assert decoding.load_certificate(forms[form]) == samples.root().certificate


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_noise_is_refused(data: str | bytes) -> None:
    with pytest.raises(InvalidInput, match=r"not an X\.509 certificate"):
        decoding.describe_certificate(data)


@pytest.mark.filterwarnings("ignore:Attribute's length", "ignore:Parsed a serial number")
@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(ISSUED.der) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_certificate_is_shown_or_refused(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(ISSUED.der)
    for position, octet in changes:
        damaged[position] = octet
    try:
        found = decoding.describe_certificate(bytes(damaged))
    except InvalidInput:
        return
    assert found.serial_number


def test_a_text_without_certificates_is_no_chain() -> None:
    with pytest.raises(InvalidInput, match=r"not X\.509 certificates"):
        decoding.load_chain("nothing")
