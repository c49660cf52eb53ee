"""Profiles: what certificates of one template look like, and which requests they allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from workflows.errors import InvalidInput, KeyNotAllowed
from workflows.pki import names
from workflows.pki.keys import KeySpec
from workflows.pki.patterns import compile_pattern
from workflows.pki.sans import San, SanKind
from workflows.pki.usages import KeyUsage

MAX_DAYS = 36_500

_SUBJECT_PARTS = ("CN", "OU", "O", "L", "ST", "C", "E")
_SAN_PARTS = {
    "DNS": SanKind.DNS,
    "IP4": SanKind.IP4,
    "IP6": SanKind.IP6,
    "MAIL": SanKind.MAIL,
    "UPN": SanKind.UPN,
}
_CA_USAGES = KeyUsage.KeyCertSign | KeyUsage.CrlSign


@dataclass(frozen=True)
class SubjectRule:
    """A regular expression that one part of the subject, or each SAN of one kind, must match somewhere.

    A part that is absent is examined as empty text, so `.+` makes it required; absent SANs are not examined.
    Raises InvalidInput for an unknown part or an unusable expression.
    """

    part: str
    pattern: str
    error: str

    def __post_init__(self) -> None:
        if self.part.upper() not in (*_SUBJECT_PARTS, *_SAN_PARTS):
            known = ", ".join((*_SUBJECT_PARTS, *_SAN_PARTS))
            raise InvalidInput(f"'{self.part}' is no part of a subject; use one of {known}.")
        compile_pattern(self.pattern)

    def broken_by(self, parts: dict[str, list[str]], sans: Iterable[San]) -> bool:
        """Whether a value does not match."""
        part = self.part.upper()
        kind = _SAN_PARTS.get(part)
        values = [san.value for san in sans if san.kind is kind] if kind else parts.get(part, [""])
        pattern = compile_pattern(self.pattern)
        return not all(pattern.is_found_in(value) for value in values)

    @property
    def message(self) -> str:
        return self.error or f"The {self.part} of the subject does not match {self.pattern}."


@dataclass(frozen=True)
class Profile:
    """A checked profile; an impossible one cannot be constructed (InvalidInput)."""

    name: str
    validity_days: int
    key_usages: KeyUsage
    extended_key_usages: tuple[str, ...]
    allowed_keys: tuple[KeySpec, ...]
    policies: tuple[str, ...] = ()
    subject_rules: tuple[SubjectRule, ...] = ()
    allow_empty_subject: bool = False
    allow_wildcards: bool = False
    require_san: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.validity_days <= MAX_DAYS:
            raise self._refused(f"its validity must be 1 to {MAX_DAYS} days")
        if not self.key_usages or self.key_usages & _CA_USAGES:
            raise self._refused("it needs a key usage, and none that only a CA may have")
        if not self.allowed_keys:
            raise self._refused("it allows no key")
        self._check_oids()

    def check_key(self, key: KeySpec) -> None:
        """Raises KeyNotAllowed for a type or size that the profile does not allow."""
        if key not in self.allowed_keys:
            allowed = ", ".join(str(spec) for spec in self.allowed_keys)
            raise KeyNotAllowed(f"The template {self.name} does not allow keys of type {key}; use {allowed}.")

    def check_subject(self, subject: x509.Name, sans: Iterable[San]) -> list[str]:
        """Every reason why the profile does not allow this subject, rules in their own words."""
        sans = tuple(sans)
        parts = names.subject_parts(subject)
        problems = []
        if not parts and not (self.allow_empty_subject and sans):
            problems.append(f"The template {self.name} needs a subject.")
        if self.require_san and not sans:
            problems.append(f"The template {self.name} needs at least one SAN.")
        if not self.allow_wildcards and _has_wildcard(parts, sans):
            problems.append(f"The template {self.name} does not allow wildcards.")
        return problems + [rule.message for rule in self.subject_rules if rule.broken_by(parts, sans)]

    def _check_oids(self) -> None:
        for oid in (*self.extended_key_usages, *self.policies):
            try:
                ObjectIdentifier(oid)
            except ValueError as error:
                raise self._refused(f"{oid[:60]!r} is not an object identifier") from error
        if ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string in self.extended_key_usages:
            raise self._refused("its purposes must be named one by one")

    def _refused(self, reason: str) -> InvalidInput:
        return InvalidInput(f"The template {self.name} cannot be used: {reason}.")


def _has_wildcard(parts: dict[str, list[str]], sans: Iterable[San]) -> bool:
    hosts = [san.value for san in sans if san.kind is SanKind.DNS]
    return any(name.startswith("*") for name in (*parts.get("CN", []), *hosts))
