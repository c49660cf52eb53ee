"""An intent is the same whatever way it was written, and another as soon as anything differs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.pki import samples
from workflows.errors import InvalidInput, InvalidName, KeyNotAllowed
from workflows.pki import keys
from workflows.pki.intents import IssuanceIntent, RevocationIntent, intend
from workflows.pki.sans import parse_sans
from workflows.pki.usages import KeyUsage
from workflows.vocabulary.revocation_reasons import RevocationReason

INTENT = samples.intent()
THUMBPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
REVOCATION = RevocationIntent(
    THUMBPRINT, RevocationReason.KeyCompromise, datetime(2026, 1, 2, 3, 4, 5, 678, UTC)
)


def test_ways_of_writing_do_not_matter() -> None:
    profile = replace(samples.WEB_SERVER_PFX, name="WebServer")
    one, other = (
        intend(profile, authority="a", subject=subject, sans=parse_sans(groups), key=samples.P256)
        for subject, groups in [
            ('cn=a, o="b", c=us', {"DNS": ["B.example", "a.example"], "ip": ["192.0.2.7"]}),
            ("CN=a,O=b,C=US", {"ip4": ["192.0.2.7"], "dns": ["a.example", "b.example", "b.example"]}),
        ]
    )
    assert one == other
    assert one.digest() == other.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"authority": "another"},
        {"profile": "Another"},
        {"validity_days": 364},
        {"key_usages": KeyUsage.NonRepudiation},
        {"extended_key_usages": ()},
        {"policies": ("1.2.3",)},
        {"subject": "CN=another"},
        {"sans": ()},
        {"key": samples.RSA2048},
        {"public_key": None},
        {"public_key": keys.public_der(samples.private_key(samples.P384).public_key())},
    ],
)
def test_every_part_counts(change: dict[str, object]) -> None:
    assert replace(INTENT, **change).digest() != INTENT.digest()  # type: ignore[arg-type]


def test_the_digest_never_changes_by_accident() -> None:
    """Stored approvals carry it: a change of the canonical form needs a new version in it."""
    intent = intend(
        samples.CODE_SIGNING,
        authority="ca\\x",
        subject="CN=ü",
        sans=parse_sans({"dns": ["a.b"]}),
        key=samples.RSA2048,
    )
    assert intent.digest() == "aa89b7892e033319360d080e5bd0c8d88e9f2086bb022543ff3a994897b8b794"
    assert REVOCATION.digest() == "9b60ec8d92825919e3aee2816dd7b4eee3729f09e4687ed8984ed25fd694489a"


@pytest.mark.parametrize(
    "intent", [INTENT, replace(INTENT, public_key=None), samples.intent(spec=samples.RSA2048)]
)
def test_an_issuance_survives_json(intent: IssuanceIntent) -> None:
    again = IssuanceIntent.from_json(json.loads(json.dumps(intent.to_json())))
    assert again == intent
    assert again.digest() == intent.digest()


def test_a_revocation_survives_json() -> None:
    again = RevocationIntent.from_json(json.loads(json.dumps(REVOCATION.to_json())))
    assert again.digest() == REVOCATION.digest()


def test_a_revocation_counts_in_seconds_of_utc() -> None:
    elsewhere = REVOCATION.effective_at.astimezone(timezone(timedelta(hours=2))).replace(microsecond=0)
    assert replace(REVOCATION, effective_at=elsewhere).digest() == REVOCATION.digest()
    later = REVOCATION.effective_at + timedelta(seconds=1)
    assert replace(REVOCATION, effective_at=later).digest() != REVOCATION.digest()
    assert replace(REVOCATION, reason=RevocationReason.Superseded).digest() != REVOCATION.digest()
    with pytest.raises(InvalidInput, match="time zone"):
        replace(REVOCATION, effective_at=later.replace(tzinfo=None))


def test_usages_are_those_that_the_key_can_have() -> None:
    assert samples.intent(spec=samples.P256).key_usages == KeyUsage.DigitalSignature
    assert (
        samples.intent(spec=samples.RSA2048).key_usages
        == KeyUsage.DigitalSignature | KeyUsage.KeyEncipherment
    )
    enciphering = replace(samples.WEB_SERVER, key_usages=KeyUsage.KeyEncipherment)
    with pytest.raises(KeyNotAllowed, match="can do nothing"):
        samples.intent(enciphering, samples.P256)


def test_an_address_in_the_subject_is_among_the_sans() -> None:
    """RFC 5280, 4.1.2.6; whoever approves sees it there."""
    intent = samples.intent(subject="E=j@keyexample.com,CN=j", sans={"rfc822": ["a@keyexample.com"]})
    assert [str(name) for name in intent.sans] == ["rfc822:a@keyexample.com", "rfc822:j@keyexample.com"]


def test_what_the_profile_or_the_rules_of_names_forbid_is_never_intended() -> None:
    only_rsa = replace(samples.WEB_SERVER, allowed_keys=(samples.RSA2048,))
    with pytest.raises(KeyNotAllowed, match="does not allow"):
        samples.intent(only_rsa, samples.P256)
    with pytest.raises(InvalidName):
        samples.intent(subject="XX=a")
    with pytest.raises(KeyNotAllowed, match="cannot be read"):
        intend(samples.WEB_SERVER, authority="a", subject="CN=a", sans=(), key=b"noise")
