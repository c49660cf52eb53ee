"""OpenSSL's opinion of certificates that the product issued."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def verify(
    folder: Path, leaf: bytes, chain: list[bytes], crls: list[bytes]
) -> subprocess.CompletedProcess[str]:
    """`openssl verify` of a leaf in PEM against its chain, root last, and the CRLs in DER of all of them."""
    files = {
        "leaf.pem": leaf,
        "root.pem": chain[-1],
        "others.pem": b"".join(chain[:-1]),
        "crls.pem": b"".join(x509.load_der_x509_crl(each).public_bytes(Encoding.PEM) for each in crls),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = ["openssl", "verify", "-crl_check_all", "-CRLfile", "crls.pem", "-CAfile", "root.pem"]
    return subprocess.run(
        [*command, "-untrusted", "others.pem", "leaf.pem"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def crl_url(certificate: x509.Certificate) -> str:
    """Where the certificate says that its CRL is."""
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    return str(next(iter(points)).full_name[0].value)


def signing_request(common_name: str, *dns: str) -> str:
    """A PKCS#10 request over a fresh P-256 key, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    if dns:
        names = x509.SubjectAlternativeName([x509.DNSName(each) for each in dns])
        builder = builder.add_extension(names, critical=False)
    request = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()
