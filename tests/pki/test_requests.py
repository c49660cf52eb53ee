"""One good CSR, and each fault alone."""

from __future__ import annotations

import base64
from contextlib import suppress
from ipaddress import ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pki import samples
from workflows.errors import DomainError, InvalidCsr, KeyNotAllowed
from workflows.pki import requests
from workflows.pki.sans import keyed

GOOD = samples.csr_pem()
DER = x509.load_pem_x509_csr(GOOD.encode()).public_bytes(serialization.Encoding.DER)


def signed(
    builder: x509.CertificateSigningRequestBuilder | None = None,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | None = None,
    algorithm: hashes.SHA256 | hashes.SHA224 | None = hashes.SHA256(),  # noqa: B008 (immutable)
) -> bytes:
    csr = (builder or samples.csr_builder()).sign(key or samples.private_key(samples.P256), algorithm)
    return csr.public_bytes(serialization.Encoding.DER)


def with_subject(*parts: x509.NameAttribute[str]) -> x509.CertificateSigningRequestBuilder:
    return x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))


def with_names(*names: x509.GeneralName) -> x509.CertificateSigningRequestBuilder:
    alternative = x509.SubjectAlternativeName(names)
    return with_subject().add_extension(alternative, critical=False)


def openssl_request(*options: str, key: str = "rsa:2048") -> str:
    return samples.openssl(
        "req", "-new", "-newkey", key, "-nodes", "-keyout", "/dev/null", "-subj", "/CN=a", *options
    )


def test_a_good_request_says_what_it_asks_for() -> None:
    parsed = requests.parse_csr(GOOD)
    assert parsed.subject == samples.SUBJECT
    assert parsed.subject_parts["O"] == ["Key Example, Inc."]
    assert keyed(parsed.sans) == {
        "dns": ["appsrvr12.keyexample.com", "www.keyexample.com"],
        "ip4": ["192.0.2.7"],
        "ip6": ["2001:db8::7"],
    }
    assert parsed.key == samples.P256
    assert parsed.requested_extensions == ("2.5.29.17",)
    assert parsed.der == DER


EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
BODY = base64.b64encode(DER).decode()


@pytest.mark.parametrize(
    "form",
    [
        DER,
        GOOD,
        GOOD.encode(),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"),
        f"Certificate Request:\n    Data: …\n{GOOD}\nthat is all\n",
        BODY,
        f"  {BODY[:70]}\n{BODY[70:]}  \n",
        requests.to_pem(DER),
    ],
)
def test_every_usual_form_is_read(form: str | bytes) -> None:
    assert requests.parse_csr(form).der == DER


@pytest.mark.parametrize("spec", samples.ALL_KEYS, ids=str)
def test_requests_with_every_allowed_key_are_read(spec: requests.KeySpec) -> None:
    assert requests.parse_csr(samples.csr_pem(spec)).key == spec


def test_requests_of_openssl_are_read() -> None:
    options = (
        "-addext",
        "subjectAltName=DNS:a.example,email:a@b.example",
        "-addext",
        "basicConstraints=CA:TRUE",
    )
    parsed = requests.parse_csr(openssl_request(*options))
    assert keyed(parsed.sans) == {"dns": ["a.example"], "rfc822": ["a@b.example"]}
    assert set(parsed.requested_extensions) == {"2.5.29.17", "2.5.29.19"}


@pytest.mark.parametrize("option", ["-sha384", "-sha512"])
def test_requests_with_stronger_hashes_are_read(option: str) -> None:
    assert requests.parse_csr(openssl_request(option)).subject == "CN=a"


def test_a_request_without_subject_and_names_is_read() -> None:
    parsed = requests.parse_csr(samples.csr_pem(subject="", sans={}))
    assert (parsed.subject, parsed.sans, parsed.requested_extensions) == ("", (), ())


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("", "is empty"),
        (b"", "is empty"),
        ("A" * 65537, "larger than 64 kB"),
        ("hello, world", "neither PEM nor base64"),
        ("\x00", "neither PEM nor base64"),
        ("\ud800", "neither PEM nor base64"),
        ("AAAA", "PKCS#10"),
        ("A", "damaged or cut off"),
        (GOOD[:-40], "CERTIFICATE REQUEST, or cut off"),
        (GOOD.replace("MII", "MI"), "damaged|PKCS#10"),
        (GOOD.replace("MII", "M*I"), "CERTIFICATE REQUEST, or cut off"),
        (DER + b"\x00", "PKCS#10"),
        (DER[:-1], "PKCS#10"),
        (DER[:-3] + bytes([DER[-3] ^ 1]) + DER[-2:], "does not verify"),
        (DER.replace(b"appsrvr12", b"appsrvr13", 1), "does not verify"),
        (openssl_request("-sha1"), "signed with SHA1"),
        (openssl_request("-md5"), "signed with MD5"),
        (signed(algorithm=hashes.SHA224()), "signed with SHA224"),
        (signed(with_subject(x509.NameAttribute(NameOID.COMMON_NAME, "a\x00b"))), r"U\+0000"),
        (signed(with_subject(x509.NameAttribute(NameOID.ORGANIZATION_NAME, "o" * 65))), "65 bytes"),
        (signed(with_subject(x509.NameAttribute(NameOID.EMAIL_ADDRESS, "nobody"))), "name@host"),
        (openssl_request("-addext", "subjectAltName=DNS:a_b"), "label 'a_b'"),
        (signed(with_names(x509.DirectoryName(x509.Name([])))), "DirectoryName are not supported"),
        (signed(with_names(x509.IPAddress(ip_network("192.0.2.0/24")))), "cannot be read|not supported"),
    ],
)
def test_a_bad_request_is_refused_with_the_reason(form: str | bytes, message: str) -> None:
    with pytest.raises(InvalidCsr, match=message):
        requests.parse_csr(form)


def test_a_certificate_or_key_is_named_as_what_it_is() -> None:
    certificate = samples.root().certificate.public_bytes(serialization.Encoding.PEM).decode()
    with pytest.raises(InvalidCsr, match="The text is a CERTIFICATE,"):
        requests.parse_csr(certificate)
    with pytest.raises(InvalidCsr, match="The text is a PRIVATE KEY,"):
        requests.parse_csr("-----BEGIN PRIVATE KEY-----\nMIIsecret\n-----END PRIVATE KEY-----")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (openssl_request(key="rsa:1024"), "1024 bits is not allowed"),
        (openssl_request(key="rsa:512"), "512 bits is not allowed"),
        (DER.replace(EC_PUBLIC_KEY, EC_PUBLIC_KEY[:-1] + b"\x09"), "cannot be read"),
        (openssl_request("-pkeyopt", "rsa_keygen_pubexp:3"), "exponent"),
        (openssl_request("-pkeyopt", "ec_paramgen_curve:secp256k1", key="ec"), "secp256k1"),
        (signed(key=ed25519.Ed25519PrivateKey.generate(), algorithm=None), "Ed25519"),
    ],
)
def test_only_the_key_is_blamed_where_only_the_key_is_bad(form: str | bytes, message: str) -> None:
    with pytest.raises(KeyNotAllowed, match=message):
        requests.parse_csr(form)


def test_a_second_key_is_refused_wherever_it_stands() -> None:
    oid = x509.ObjectIdentifier("2.5.29.72")
    extension = x509.UnrecognizedExtension(oid, b"\x30\x00")
    for builder in (
        samples.csr_builder().add_attribute(oid, b"a key"),
        samples.csr_builder().add_extension(extension, critical=False),
    ):
        with pytest.raises(KeyNotAllowed, match="second"):
            requests.parse_csr(signed(builder))


def test_several_attributes_in_one_part_are_refused() -> None:
    pair = [x509.NameAttribute(oid, "a") for oid in (NameOID.COMMON_NAME, NameOID.USER_ID)]
    subject = x509.Name([x509.RelativeDistinguishedName(pair)])
    with pytest.raises(InvalidCsr, match="each its own part"):
        requests.parse_csr(signed(x509.CertificateSigningRequestBuilder().subject_name(subject)))


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_noise_is_refused(form: str | bytes) -> None:
    with pytest.raises(InvalidCsr):
        requests.parse_csr(form)


@pytest.mark.filterwarnings("ignore:Attribute's length")
@settings(max_examples=600)
@given(st.lists(st.tuples(st.integers(0, len(DER) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_request_is_refused_whatever_the_damage(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(DER)
    for position, octet in changes:
        damaged[position] = octet
    if damaged == DER:
        return
    with pytest.raises(DomainError):
        requests.parse_csr(bytes(damaged))


@pytest.mark.filterwarnings("ignore:Attribute's length")
@settings(max_examples=600)
@given(st.lists(st.tuples(st.integers(4, 230), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_request_that_is_odd_but_rightly_signed_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    """The damage comes before the signature, so that what stands behind its check meets it too."""
    csr = x509.load_der_x509_csr(DER)
    content = bytearray(csr.tbs_certrequest_bytes)
    for position, octet in changes:
        content[position] = octet
    signature = samples.private_key(samples.P256).sign(bytes(content), ec.ECDSA(hashes.SHA256()))  # type: ignore[arg-type,call-arg]
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    with suppress(DomainError):
        requests.parse_csr(der(0x30, bytes(content) + algorithm + der(0x03, b"\x00" + signature)))


def der(tag: int, content: bytes) -> bytes:
    """A value of 128 to 65,535 octets, or of fewer, with its tag and length."""
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content
