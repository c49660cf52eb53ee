"""Which requests a profile allows, and which profiles cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pki import samples
from workflows.errors import InvalidInput, KeyNotAllowed
from workflows.pki import keys, names
from workflows.pki.profiles import Profile, SubjectRule
from workflows.pki.sans import parse_sans
from workflows.pki.usages import KeyUsage

RULES = (
    SubjectRule("CN", r"\.keyexample\.com$", "The CN must end in keyexample.com."),
    SubjectRule("ou", "^(?:IT|HR)$", "Every OU must be IT or HR."),
    SubjectRule("O", ".+", "An organization is needed."),
    SubjectRule("DNS", r"\.keyexample\.com$", "Every DNS name must end in keyexample.com."),
    SubjectRule("L", "^(?:Independence)?$", ""),
)
STRICT = replace(samples.WEB_SERVER, subject_rules=RULES, allow_wildcards=False, require_san=True)


def problems(profile: Profile, subject: str, **groups: list[str]) -> list[str]:
    return profile.check_subject(names.parse_name(subject), parse_sans(groups))


def test_a_subject_within_the_rules_has_no_problems() -> None:
    assert problems(STRICT, "CN=a.keyexample.com,OU=IT,OU=HR,O=o", dns=["b.keyexample.com"]) == []


@pytest.mark.parametrize(
    ("subject", "dns", "expected"),
    [
        ("CN=a.example,OU=IT,O=o", "b.keyexample.com", "The CN must end in keyexample.com."),
        ("OU=IT,O=o", "b.keyexample.com", "The CN must end in keyexample.com."),
        ("CN=a.keyexample.com,OU=IT,OU=R,O=o", "b.keyexample.com", "Every OU must be IT or HR."),
        ("CN=a.keyexample.com,OU=IT", "b.keyexample.com", "An organization is needed."),
        ("CN=a.keyexample.com,OU=IT,O=o", "b.example", "Every DNS name must end in keyexample.com."),
        (
            "CN=a.keyexample.com,OU=IT,O=o",
            "*.keyexample.com",
            "The template WebServer does not allow wildcards.",
        ),
        (
            "CN=*.keyexample.com,OU=IT,O=o",
            "b.keyexample.com",
            "The template WebServer does not allow wildcards.",
        ),
        (
            "CN=a.keyexample.com,OU=IT,O=o,L=Ohio",
            "b.keyexample.com",
            "The L of the subject does not match ^(?:Independence)?$.",
        ),
    ],
)
def test_each_broken_rule_speaks_for_itself(subject: str, dns: str, expected: str) -> None:
    assert problems(STRICT, subject, dns=[dns]) == [expected]


def test_sans_can_be_required_and_the_subject_left_out() -> None:
    assert problems(replace(STRICT, subject_rules=()), "CN=a") == [
        "The template WebServer needs at least one SAN."
    ]
    assert problems(samples.WEB_SERVER, "", dns=["a.example"]) == ["The template WebServer needs a subject."]
    lenient = replace(samples.WEB_SERVER, allow_empty_subject=True)
    assert problems(lenient, "", dns=["a.example"]) == []
    assert problems(lenient, "") == ["The template WebServer needs a subject."]


def test_only_listed_keys_are_allowed() -> None:
    profile = replace(samples.WEB_SERVER, allowed_keys=(samples.P256, samples.RSA2048))
    profile.check_key(samples.P256)
    with pytest.raises(
        KeyNotAllowed, match="WebServer does not allow keys of type RSA 4096; use ECC P-256, RSA 2048"
    ):
        profile.check_key(keys.rsa_spec(4096))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"validity_days": 0}, "validity"),
        ({"validity_days": 100_000}, "validity"),
        ({"key_usages": KeyUsage(0)}, "key usage"),
        ({"key_usages": KeyUsage.KeyCertSign | KeyUsage.DigitalSignature}, "only a CA"),
        ({"allowed_keys": ()}, "allows no key"),
        ({"extended_key_usages": ("serverAuth",)}, "'serverAuth' is not an object identifier"),
        ({"policies": ("1..2",)}, "not an object identifier"),
        ({"extended_key_usages": ("2.5.29.37.0",)}, "named one by one"),
    ],
)
def test_an_impossible_profile_cannot_be_made(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        replace(samples.WEB_SERVER, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(("part", "pattern"), [("X", "a"), ("SAN", "a"), ("CN", "(")])
def test_an_impossible_rule_cannot_be_made(part: str, pattern: str) -> None:
    with pytest.raises(InvalidInput):
        SubjectRule(part, pattern, "")
