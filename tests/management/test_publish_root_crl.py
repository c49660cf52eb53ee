"""`publish_root_crl`: the next CRL of the root, by whoever holds its key and nobody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.core.management import CommandError, call_command
from django.utils import timezone

from workflows.actions import signing
from workflows.models import AuditEntry, CertificateAuthority, CertificateRevocationList
from workflows.pki.crl import is_signed_by, parse_crl
from workflows.vocabulary.auditing import Operation


def pem(key: object, encryption: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())  # type: ignore[attr-defined,no-any-return]


def root() -> CertificateAuthority:
    return CertificateAuthority.objects.get(crl_path="root-ca")


def test_the_next_crl_is_signed_by_the_root(root_key_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("publish_root_crl", key=root_key_file)
    newest = root().crls.latest("number")
    assert newest.number == 2
    assert is_signed_by(bytes(newest.der), signing.chain_of(root())[0])
    assert parse_crl(bytes(newest.der)).number == 2
    assert newest.next_update > timezone.now() + timedelta(days=360)
    assert "CRL number 2 is valid until" in capsys.readouterr().out
    entry = AuditEntry.objects.filter(operation=Operation.Published).latest("pk")
    assert (entry.user_name[:14], entry.after["Number"]) == ("Command line (", 2)


def test_another_key_signs_nothing(root_key_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    before = CertificateRevocationList.objects.count()
    with pytest.raises(CommandError, match="not the private key of a root CA"):
        call_command("publish_root_crl", key=other)
    assert CertificateRevocationList.objects.count() == before


def test_an_encrypted_or_broken_or_missing_file_is_refused_with_a_hint(root_key_file: Path) -> None:
    key = load_pem_private_key(root_key_file.read_bytes(), None)
    root_key_file.write_bytes(pem(key, BestAvailableEncryption(b"a password")))
    with pytest.raises(CommandError, match="cannot be read; it must be RSA or ECC in PKCS#8"):
        call_command("publish_root_crl", key=root_key_file)
    root_key_file.unlink()
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("publish_root_crl", key=root_key_file)
