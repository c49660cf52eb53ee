"""What every CA connector must do; a module of tests per connector runs it against its own CA."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import pytest

from tests.pki import samples
from workflows.connectors.authorities.contracts import CertificateAuthority, Issuance, Order, Pending
from workflows.errors import DomainError
from workflows.pki import chains, decoding, keys
from workflows.pki.intents import RevocationIntent
from workflows.pki.requests import to_der
from workflows.vocabulary.revocation_reasons import RevocationReason


class AuthorityContract(ABC):
    """Subclasses name the CA; orders are for a WebServer certificate."""

    @abstractmethod
    def authority(self) -> CertificateAuthority: ...

    def order(self, request_key: str = "request-1") -> Order:
        intent = replace(samples.intent(), authority=self.authority().name)
        public_key = keys.public_der(samples.private_key(samples.P256).public_key())
        return Order(intent, public_key, request_key, samples.NOW, to_der(samples.csr_pem()))

    def issued(self) -> Issuance:
        outcome = self.authority().issue(self.order())
        assert not isinstance(outcome, Pending), "the CA of this test must issue at once"
        return outcome

    def revocation(self, issuance: Issuance) -> RevocationIntent:
        return RevocationIntent(issuance.certificate.thumbprint, RevocationReason.Superseded, samples.NOW)

    def test_it_satisfies_the_protocol(self) -> None:
        assert isinstance(self.authority(), CertificateAuthority)

    def test_it_issues_what_was_ordered(self) -> None:
        issuance, intent = self.issued(), self.order().intent
        found = decoding.describe_certificate(issuance.certificate.der)
        public_key = decoding.load_certificate(issuance.certificate.der).public_key()
        assert keys.public_der(keys.check(public_key)) == self.order().public_key
        assert {name.value for name in found.alternative_names} >= {
            name.value for name in intent.sans if name.kind.key == "dns"
        }
        assert (found.serial_number, found.thumbprint) == (
            issuance.certificate.serial_number,
            issuance.certificate.thumbprint,
        )

    def test_its_chain_verifies(self) -> None:
        issuance = self.issued()
        certificates = [decoding.load_certificate(der) for der in (issuance.certificate.der, *issuance.chain)]
        assert chains.build_chain(certificates[0], certificates[1:]) == certificates

    def test_no_two_certificates_have_one_serial_number(self) -> None:
        serials = {self.issued().certificate.serial_number for _ in range(5)}
        assert len(serials) == 5

    def test_it_revokes_its_own_certificate(self) -> None:
        issuance = self.issued()
        self.authority().revoke(self.revocation(issuance), issuance.certificate.der)

    def test_it_refuses_to_revoke_a_strangers_certificate(self) -> None:
        stranger = samples.authority(samples.P384).issue(
            Order(samples.intent(), self.order().public_key, "stranger", samples.NOW)
        )
        with pytest.raises(DomainError):
            self.authority().revoke(self.revocation(stranger), stranger.certificate.der)

    def test_it_refuses_to_revoke_another_certificate_than_intended(self) -> None:
        one, other = self.issued(), self.issued()
        with pytest.raises(DomainError):
            self.authority().revoke(self.revocation(one), other.certificate.der)

    def test_it_refuses_a_key_that_was_not_intended(self) -> None:
        another = keys.public_der(samples.private_key(samples.P384).public_key())
        with pytest.raises(DomainError):
            self.authority().issue(replace(self.order(), public_key=another))

    def test_it_refuses_an_order_for_another_ca(self) -> None:
        intent = replace(self.order().intent, authority="another")
        with pytest.raises(DomainError):
            self.authority().issue(replace(self.order(), intent=intent))
