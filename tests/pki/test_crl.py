"""Revocation lists: what stands on them, and what OpenSSL makes of it."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import samples
from tests.pki.test_issuing import issue
from workflows.errors import InvalidInput, IssuanceRefused
from workflows.pki import crl, keys
from workflows.pki.crl import Revocation
from workflows.pki.keys import KeySpec
from workflows.vocabulary.revocation_reasons import RevocationReason

NOW = samples.NOW.replace(microsecond=0)
WEEK = timedelta(days=7)


def signed(*revocations: Revocation, spec: KeySpec = samples.P256, number: int = 1) -> bytes:
    authority = samples.authority(spec)
    return authority.publish_crl(revocations, number=number, this_update=NOW, next_update=NOW + WEEK)


def revoked(serial: int, reason: RevocationReason, at: datetime = NOW) -> Revocation:
    return Revocation(serial, at, reason)


ALL = [revoked(100 - index, reason) for index, reason in enumerate(RevocationReason)]


@pytest.mark.parametrize("spec", samples.ALL_KEYS, ids=str)
@pytest.mark.parametrize("revocations", [[], ALL], ids=["empty", "every reason"])
def test_every_list_satisfies_pkilint(revocations: list[Revocation], spec: KeySpec) -> None:
    assert samples.crl_findings(signed(*revocations, spec=spec)) == []


def test_a_root_publishes_one_too() -> None:
    der = crl.sign_crl(
        samples.root_issuer(), samples.root().key, [], number=1, this_update=NOW, next_update=NOW + WEEK
    )
    assert samples.crl_findings(der) == []
    assert crl.is_signed_by(der, samples.root().certificate)


def test_a_list_says_what_was_revoked_and_why() -> None:
    found = crl.parse_crl(signed(*ALL, number=2**70))
    assert found.issuer == "CN=Key Example Issuing CA,O=Key Example,C=US"
    assert (found.number, found.this_update, found.next_update) == (2**70, NOW, NOW + WEEK)
    reasons = {entry.serial: entry.reason for entry in found.revocations}
    expected = {entry.serial: entry.reason for entry in ALL if not entry.reason.lifts_hold}
    # "unknown" is nothing that a list can say.
    expected[100 - list(RevocationReason).index(RevocationReason.Unknown)] = RevocationReason.Unspecified
    assert reasons == expected
    assert list(reasons) == sorted(reasons)


def test_a_lifted_hold_and_a_later_revocation_are_not_on_it() -> None:
    lifted = revoked(1, RevocationReason.RemoveFromHold)
    later = revoked(2, RevocationReason.Superseded, NOW + timedelta(seconds=1))
    held = revoked(3, RevocationReason.CertificateHold)
    found = crl.parse_crl(signed(lifted, later, held))
    assert found.revocations == (held,)
    assert (found.find(3), found.find(1)) == (held, None)


def test_pem_is_read_too() -> None:
    pem = x509.load_der_x509_crl(signed(*ALL)).public_bytes(Encoding.PEM)
    assert crl.parse_crl(pem) == crl.parse_crl(signed(*ALL))


def test_only_the_cas_own_key_signs() -> None:
    issuer = samples.authority().issuer
    with pytest.raises(IssuanceRefused, match="not the CA's"):
        crl.sign_crl(
            issuer, keys.generate(samples.P256), [], number=1, this_update=NOW, next_update=NOW + WEEK
        )


def test_a_signature_of_another_ca_is_seen() -> None:
    assert crl.is_signed_by(signed(), samples.issuing().certificate)
    assert not crl.is_signed_by(signed(), samples.issuing(samples.P384).certificate)
    assert not crl.is_signed_by(signed(), samples.root().certificate)


@pytest.mark.parametrize("der", [b"", b"noise", b"-----BEGIN X509 CRL-----"])
def test_noise_is_refused(der: bytes) -> None:
    with pytest.raises(InvalidInput, match="not a CRL"):
        crl.parse_crl(der)


def test_openssl_refuses_a_revoked_certificate_and_accepts_it_again_after_its_hold(tmp_path: Path) -> None:
    issued = issue(samples.intent())
    trust = tmp_path / "trust.pem"
    trust.write_bytes(
        b"".join(
            found.certificate.public_bytes(Encoding.PEM) for found in (samples.root(), samples.issuing())
        )
    )
    leaf = tmp_path / "leaf.der"
    leaf.write_bytes(issued.der)

    def verify(reason: RevocationReason | None) -> str:
        entries = [revoked(int(issued.serial_number, 16), reason)] if reason is not None else []
        (tmp_path / "list.crl").write_bytes(signed(*entries))
        return samples.openssl(
            "verify", "-crl_check", "-CRLfile", tmp_path / "list.crl", "-CAfile", trust, leaf
        )

    assert "OK" in verify(None)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        verify(RevocationReason.CertificateHold)
    assert b"certificate revoked" in caught.value.stderr
    assert "OK" in verify(RevocationReason.RemoveFromHold)


def test_seven_is_read_as_remove_from_crl() -> None:
    assert RevocationReason(7) is RevocationReason.RemoveFromCrl
    assert all(reason.label for reason in RevocationReason)
    with pytest.raises(ValueError, match="9 is not a valid"):
        RevocationReason(9)
