"""Certificates that come out, judged by pkilint and OpenSSL, and those that must not come out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import samples
from workflows.errors import IssuanceRefused
from workflows.pki import building, decoding, identifiers, issuing, keys, signing
from workflows.pki.intents import IssuanceIntent
from workflows.pki.keys import KeySpec
from workflows.pki.profiles import Profile
from workflows.pki.signing import IssuedCertificate


def issue(intent: IssuanceIntent, ca: KeySpec = samples.P256) -> IssuedCertificate:
    authority = samples.authority(ca)
    public_key = keys.load_public(intent.public_key or b"")
    serial = identifiers.random_serial()
    return issuing.sign(
        issuing.prepare(intent, public_key, authority.issuer, serial, samples.NOW), authority.key
    )


@pytest.mark.parametrize("ca", samples.ALL_KEYS, ids=str)
@pytest.mark.parametrize("spec", samples.ALL_KEYS, ids=str)
@pytest.mark.parametrize("profile", samples.PROFILES, ids=lambda profile: profile.name)
def test_every_kind_of_certificate_satisfies_pkilint(profile: Profile, spec: KeySpec, ca: KeySpec) -> None:
    issued = issue(samples.intent(profile, spec), ca)
    assert samples.certificate_findings(issued.der) == []


@pytest.mark.parametrize("spec", samples.ALL_KEYS, ids=str)
def test_roots_and_issuing_cas_satisfy_pkilint(spec: KeySpec) -> None:
    for certificate in (samples.root(spec).certificate, samples.issuing(spec).certificate):
        assert samples.certificate_findings(certificate.public_bytes(Encoding.DER)) == []


def test_all_kinds_of_names_satisfy_pkilint_and_come_back() -> None:
    subject = (
        'UID=jsmith,E=j@keyexample.com,CN="Smith, Jürgen",T=Dr,DC=keyexample,DC=com,1.3.6.1.4.1.32473.7=x'
    )
    sans = {
        "dns": ["bücher.keyexample.com"],
        "rfc822": ["j.smith@keyexample.com"],
        "uri": ["https://keyexample.com/~jsmith?x=%20"],
        "ms_ntprincipalname": ["jsmith@keyexample.com", "ü" * 100 + "@keyexample.com"],
        "registeredid": ["1.3.6.1.4.1.32473.1"],
    }
    issued = issue(samples.intent(subject=subject, sans=sans))
    assert samples.certificate_findings(issued.der) == []
    found = decoding.describe_certificate(issued.der)
    assert found.subject == subject
    assert [name.type for name in found.alternative_names] == [2, 1, 1, 6, 100, 100, 8]


def test_without_a_subject_the_sans_are_critical() -> None:
    issued = issue(samples.intent(subject=""))
    assert samples.certificate_findings(issued.der) == []
    certificate = x509.load_der_x509_certificate(issued.der)
    assert certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


def test_a_wildcard_breaks_only_the_rule_that_all_wildcards_break() -> None:
    """RFC 5280 has no wildcards; the CA/Browser Forum's rules, which browsers follow, allow them."""
    issued = issue(samples.intent(sans={"dns": ["*.keyexample.com"]}))
    [finding] = samples.certificate_findings(issued.der)
    assert "pkix.invalid_domain_name_syntax" in finding


def test_openssl_reads_back_what_was_intended() -> None:
    issued = issue(samples.intent())
    text = samples.openssl("x509", "-inform", "DER", "-noout", "-text", standard_input=issued.der)
    assert "CN = appsrvr12.keyexample.com" in text
    assert "DNS:appsrvr12.keyexample.com, DNS:www.keyexample.com, IP Address:192.0.2.7" in text
    assert "http://pki.keyexample.com/issuing.crl" in text
    assert "CA Issuers - URI:http://pki.keyexample.com/issuing.cer" in text
    assert "Digital Signature\n" in text  # an ECC key cannot encipher keys (RFC 8813)
    assert issued.serial_number == samples.openssl(
        "x509", "-inform", "DER", "-noout", "-serial", standard_input=issued.der
    ).strip().removeprefix("serial=")


def test_openssl_accepts_the_chain(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(samples.root().certificate.public_bytes(Encoding.PEM))
    (tmp_path / "issuing.pem").write_bytes(samples.issuing().certificate.public_bytes(Encoding.PEM))
    issued = x509.load_der_x509_certificate(issue(samples.intent()).der)
    (tmp_path / "leaf.pem").write_bytes(issued.public_bytes(Encoding.PEM))
    options = ("-x509_strict", "-purpose", "sslserver", "-verify_hostname", "appsrvr12.keyexample.com")
    trust = ("-CAfile", tmp_path / "root.pem", "-untrusted", tmp_path / "issuing.pem")
    assert "OK" in samples.openssl("verify", *options, *trust, tmp_path / "leaf.pem")


def test_the_validity_begins_a_little_earlier_and_counts_whole_days() -> None:
    found = decoding.describe_certificate(issue(samples.intent()).der)
    assert found.not_before == samples.NOW.replace(microsecond=0) - building.BACKDATING
    assert found.not_after - found.not_before == timedelta(days=365, seconds=-1)


def test_a_certificate_never_outlives_its_ca() -> None:
    long_lived = replace(samples.WEB_SERVER, validity_days=36_500)
    found = decoding.describe_certificate(issue(samples.intent(long_lived)).der)
    assert found.not_after == samples.issuing().certificate.not_valid_after_utc


@pytest.mark.parametrize("days", [-60, 36_500])
def test_a_ca_that_is_not_valid_now_signs_nothing(days: int) -> None:
    key = samples.private_key(samples.P256).public_key()
    issuer, now = samples.authority().issuer, samples.NOW + timedelta(days=days)
    with pytest.raises(IssuanceRefused, match="renew the CA"):
        issuing.prepare(samples.intent(), key, issuer, identifiers.random_serial(), now)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"authority": "another"}, "intended for the CA another"),
        ({"public_key": keys.public_der(keys.generate(samples.P256).public_key())}, "the key would not"),
        ({"key": samples.RSA2048, "public_key": None}, "the type of key would not"),
        # Not canonical, as nothing but a forged intent can be.
        ({"subject": "O=a , CN=b"}, "the subject would not"),
        ({"sans": tuple(reversed(samples.intent().sans))}, "the SANs would not"),
    ],
)
def test_what_was_not_intended_is_refused(changes: dict[str, object], message: str) -> None:
    intent = replace(samples.intent(), **changes)  # type: ignore[arg-type]
    key = samples.private_key(samples.P256).public_key()
    with pytest.raises(IssuanceRefused, match=message):
        issuing.prepare(intent, key, samples.authority().issuer, identifiers.random_serial(), samples.NOW)


@pytest.mark.parametrize("serial", [1, 2**63 - 1])
def test_a_guessable_serial_number_is_refused(serial: int) -> None:
    key = samples.private_key(samples.P256).public_key()
    with pytest.raises(IssuanceRefused, match="serial number"):
        issuing.prepare(samples.intent(), key, samples.authority().issuer, serial, samples.NOW)


def test_only_the_cas_own_key_signs() -> None:
    key = samples.private_key(samples.P256).public_key()
    issuer = samples.authority().issuer
    prepared = issuing.prepare(samples.intent(), key, issuer, identifiers.random_serial(), samples.NOW)
    with pytest.raises(IssuanceRefused, match="not the CA's"):
        issuing.sign(prepared, keys.generate(samples.P256))


def test_what_was_not_linted_is_withheld() -> None:
    authority, key = samples.authority(), samples.private_key(samples.P256).public_key()
    serials = identifiers.random_serial(), identifiers.random_serial()
    one, other = (
        issuing.prepare(samples.intent(), key, authority.issuer, serial, samples.NOW) for serial in serials
    )
    mixed = signing.Prepared(one.builder, other.tbs, one.signer)
    with pytest.raises(IssuanceRefused, match="not what was checked"):
        issuing.sign(mixed, authority.key)
