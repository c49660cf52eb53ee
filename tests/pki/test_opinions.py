"""What pkilint says reaches people with its severity and place, and costs no process its start."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from config.env import ROOT
from tests.pki.samples import NOW, P256, private_key
from workflows.pki import opinions
from workflows.pki.opinions import Finding, Severity


def careless_certificate() -> bytes:
    """Self-signed, with a name that is none and without key identifiers."""
    key = private_key(P256)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "www")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5, NOW, NOW + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("www.keyexample.com"), x509.DNSName("a b")])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def test_findings_name_rule_and_place_the_worst_first() -> None:
    found = opinions.findings(careless_certificate())
    severities = [each.severity for each in found]
    assert severities == sorted(severities)
    assert Severity.ERROR in severities
    assert Severity.WARNING in severities
    place = "certificate.tbsCertificate.extensions.0.extnValue.subjectAltName.1.dNSName"
    assert (
        Finding(
            Severity.ERROR,
            "pkix.invalid_domain_name_syntax",
            'Invalid domain name syntax: "a b"',
            place,
        )
        in found
    )


def test_a_process_starts_without_pkilint() -> None:
    program = "import sys, workflows.pki.opinions; sys.exit('pkilint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
