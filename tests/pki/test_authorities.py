"""New CAs: what they may sign, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from tests.pki import samples
from workflows.errors import InvalidName, IssuanceRefused
from workflows.pki import authorities, chains, keys
from workflows.pki.issuers import Issuer


def constraints(certificate: x509.Certificate) -> x509.BasicConstraints:
    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value


def test_a_root_signs_itself_and_one_level_below() -> None:
    root = samples.root()
    assert chains.is_self_signed(root.certificate)
    assert constraints(root.certificate) == x509.BasicConstraints(ca=True, path_length=1)
    assert root.certificate.public_key() == root.key.public_key()


def test_an_issuing_ca_signs_no_cas() -> None:
    issuing = samples.issuing()
    assert chains.is_issued_by(issuing.certificate, samples.root().certificate)
    assert constraints(issuing.certificate) == x509.BasicConstraints(ca=True, path_length=0)
    assert issuing.certificate.not_valid_after_utc <= samples.root().certificate.not_valid_after_utc


def test_an_issuing_ca_never_outlives_its_root() -> None:
    issuing = authorities.create_issuing(
        "CN=long",
        samples.P256,
        issuer=samples.root_issuer(),
        issuer_key=samples.root().key,
        now=samples.NOW,
        days=36_500,
    )
    assert issuing.certificate.not_valid_after_utc == samples.root().certificate.not_valid_after_utc


def test_the_key_must_be_the_roots() -> None:
    with pytest.raises(IssuanceRefused, match="not the CA's"):
        authorities.create_issuing(
            "CN=a",
            samples.P256,
            issuer=samples.root_issuer(),
            issuer_key=keys.generate(samples.P384),
            now=samples.NOW,
        )


def test_a_root_that_has_expired_signs_nothing() -> None:
    with pytest.raises(IssuanceRefused, match="renew the CA"):
        authorities.create_issuing(
            "CN=a",
            samples.P256,
            issuer=samples.root_issuer(),
            issuer_key=samples.root().key,
            now=samples.NOW + timedelta(days=36_500),
        )


def test_a_key_never_shows() -> None:
    assert "key" not in repr(samples.root())
    assert "key=" not in repr(samples.authority())


@pytest.mark.parametrize("url", ["issuing.crl", "http://a b/", "http:///x"])
def test_malformed_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidName):
        Issuer("a", samples.root().certificate, crl_urls=(url,))
