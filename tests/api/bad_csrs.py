"""Signing requests with one fault each."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from workflows.pki import names
from workflows.pki.requests import to_pem

_BUILDER = x509.CertificateSigningRequestBuilder().subject_name(names.parse_name("CN=a.keyexample.com"))


def tampered() -> str:
    """Its subject was changed after it was signed."""
    request = _BUILDER.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return to_pem(request.public_bytes(Encoding.DER).replace(b"a.keyexample", b"b.keyexample"))


def small_key() -> str:
    """Of an RSA key with 1,024 bits."""
    request = _BUILDER.sign(rsa.generate_private_key(65537, 1024), hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()
