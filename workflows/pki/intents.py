"""What a workflow is about to do, in one canonical form that approvals are bound to (design.md, section 3).

Whoever approves sees an intent; its digest is stored with the decision; nothing else is issued or revoked.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workflows.errors import InvalidInput, KeyNotAllowed
from workflows.pki import keys, names
from workflows.pki.keys import KeySpec
from workflows.pki.profiles import Profile
from workflows.pki.sans import San, SanKind, canonical, keyed, parse_sans
from workflows.pki.usages import KeyUsage, key_usage
from workflows.vocabulary.revocation_reasons import RevocationReason

# Part of every digest, so that a later form never collides with an earlier one.
_VERSION = 1

# Where the dates of CRLs begin (UTCTime, RFC 5280, 4.1.2.5.1): one earlier date would keep a CA from
# publishing any CRL.
_FIRST_DATE = datetime(1950, 1, 1, tzinfo=UTC)

# What a type of key cannot do: RFC 8813 (ECC), RFC 3279 section 2.3.1 (RSA).
_IMPOSSIBLE = {
    "ECC": KeyUsage.KeyEncipherment | KeyUsage.DataEncipherment,
    "RSA": KeyUsage.KeyAgreement | KeyUsage.EncipherOnly | KeyUsage.DecipherOnly,
}


@dataclass(frozen=True)
class IssuanceIntent:
    """One certificate before it is built, made by `intend`; no `public_key` where the server makes one."""

    authority: str
    profile: str
    validity_days: int
    key_usages: KeyUsage
    extended_key_usages: tuple[str, ...]
    policies: tuple[str, ...]
    subject: str
    sans: tuple[San, ...]
    key: KeySpec
    public_key: bytes | None

    def to_json(self) -> dict[str, Any]:
        return {
            "authority": self.authority,
            "profile": self.profile,
            "validity_days": self.validity_days,
            "key_usages": [usage.name for usage in self.key_usages],
            "extended_key_usages": list(self.extended_key_usages),
            "policies": list(self.policies),
            "subject": self.subject,
            "sans": keyed(self.sans),
            "key": self.key.to_json(),
            "public_key": base64.b64encode(self.public_key).decode() if self.public_key else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> IssuanceIntent:
        """The opposite of `to_json`."""
        public_key = value["public_key"]
        return cls(
            authority=value["authority"],
            profile=value["profile"],
            validity_days=value["validity_days"],
            key_usages=key_usage(value["key_usages"]),
            extended_key_usages=tuple(value["extended_key_usages"]),
            policies=tuple(value["policies"]),
            subject=value["subject"],
            sans=parse_sans(value["sans"]),
            key=keys.key_spec_from_json(value["key"]),
            public_key=base64.b64decode(public_key) if public_key else None,
        )

    def digest(self) -> str:
        """SHA-256 of the canonical form, in lower-case hexadecimal."""
        return _digest("issuance", self.to_json())


@dataclass(frozen=True)
class RevocationIntent:
    """One revocation before it is done; `effective_at` counts in whole seconds, as CRLs do."""

    thumbprint: str
    reason: RevocationReason
    effective_at: datetime

    def __post_init__(self) -> None:
        if self.effective_at.tzinfo is None:
            raise InvalidInput("The effective date needs a time zone, such as Z.")
        if self.effective_at < _FIRST_DATE:
            raise InvalidInput("The effective date lies before 1950, which no CRL can say.")

    def to_json(self) -> dict[str, Any]:
        effective_at = self.effective_at.astimezone(UTC).replace(microsecond=0)
        return {
            "thumbprint": self.thumbprint,
            "reason": int(self.reason),
            "effective_at": effective_at.isoformat(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RevocationIntent:
        """The opposite of `to_json`."""
        effective_at = datetime.fromisoformat(value["effective_at"])
        return cls(value["thumbprint"], RevocationReason(value["reason"]), effective_at)

    def digest(self) -> str:
        """SHA-256 of the canonical form, in lower-case hexadecimal."""
        return _digest("revocation", self.to_json())


def intend(
    profile: Profile,
    *,
    authority: str,
    subject: str,
    sans: Iterable[San],
    key: bytes | KeySpec,
) -> IssuanceIntent:
    """What a profile makes of a request; `key` is a SubjectPublicKeyInfo, or what the server shall make.

    Raises InvalidName for a bad subject and KeyNotAllowed for a key that the profile does not allow. The
    profile's rules for the subject are not applied here, see `Profile.check_subject`.
    """
    spec = key if isinstance(key, KeySpec) else keys.describe(keys.load_public(key))
    profile.check_key(spec)
    usages = profile.key_usages & ~_IMPOSSIBLE[spec.type]
    if not usages:
        raise KeyNotAllowed(f"A key of type {spec} can do nothing that the template {profile.name} asks for.")
    name = names.parse_name(subject)
    # An address in the subject must be among the SANs too (RFC 5280, 4.1.2.6).
    mails = [San(SanKind.MAIL, value) for value in names.subject_parts(name).get("E", [])]
    return IssuanceIntent(
        authority=authority,
        profile=profile.name,
        validity_days=profile.validity_days,
        key_usages=usages,
        extended_key_usages=tuple(sorted(profile.extended_key_usages)),
        policies=tuple(sorted(profile.policies)),
        subject=names.format_name(name),
        sans=canonical([*sans, *mails]),
        key=spec,
        public_key=None if isinstance(key, KeySpec) else key,
    )


def _digest(kind: str, content: dict[str, Any]) -> str:
    document = {"version": _VERSION, "kind": kind, "content": content}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
