"""The built-in CA keeps the contract, with RSA and ECDSA, and publishes CRLs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.connectors.authorities.contract import AuthorityContract
from tests.pki import samples
from workflows.connectors.authorities.builtin import BuiltinAuthority
from workflows.connectors.authorities.contracts import FindsByRequest, PublishesCrl
from workflows.errors import KeyNotAllowed
from workflows.pki import crl
from workflows.pki.crl import Revocation
from workflows.vocabulary.revocation_reasons import RevocationReason


class TestBuiltinWithEcdsa(AuthorityContract):
    def authority(self) -> BuiltinAuthority:
        return samples.authority(samples.P256)


class TestBuiltinWithRsa(AuthorityContract):
    def authority(self) -> BuiltinAuthority:
        return samples.authority(samples.RSA2048)


def test_it_offers_what_it_can() -> None:
    assert isinstance(samples.authority(), PublishesCrl)
    assert not isinstance(samples.authority(), FindsByRequest)


def test_a_revoked_certificate_is_on_its_list() -> None:
    order = TestBuiltinWithEcdsa().order()
    serial = int(samples.authority().issue(order).certificate.serial_number, 16)
    der = samples.authority().publish_crl(
        [Revocation(serial, samples.NOW, RevocationReason.KeyCompromise)],
        number=1,
        this_update=samples.NOW,
        next_update=samples.NOW + timedelta(days=7),
    )
    entry = crl.parse_crl(der).find(serial)
    assert entry is not None
    assert entry.reason is RevocationReason.KeyCompromise


def test_it_issues_the_key_that_the_server_made() -> None:
    order = TestBuiltinWithEcdsa().order()
    made_here = replace(order, intent=replace(order.intent, public_key=None))
    assert samples.authority().issue(made_here).certificate.der


def test_it_looks_at_the_key_again() -> None:
    with pytest.raises(KeyNotAllowed):
        samples.authority().issue(replace(TestBuiltinWithEcdsa().order(), public_key=b"noise"))
