"""From an intent to a certificate: `prepare` builds and lints, `sign` signs exactly that."""

from __future__ import annotations

from datetime import datetime

from workflows.errors import IssuanceRefused
from workflows.pki import building, keys, lint, signing
from workflows.pki.intents import IssuanceIntent
from workflows.pki.issuers import Issuer
from workflows.pki.signing import IssuedCertificate, Prepared, sign

__all__ = ["IssuedCertificate", "Prepared", "prepare", "sign"]


def prepare(
    intent: IssuanceIntent, public_key: keys.PublicKey, issuer: Issuer, serial: int, now: datetime
) -> Prepared:
    """The certificate of an intent, built and linted; `public_key` is the intent's, or the one made for it.

    Raises IssuanceRefused, naming every reason, if it breaks a rule or is not what the intent says.
    """
    if intent.authority != issuer.name:
        raise IssuanceRefused(
            f"The certificate was intended for the CA {intent.authority}, not {issuer.name}."
        )
    builder = building.end_entity(intent, public_key, issuer, serial, now)
    rehearsal = signing.rehearse(builder, issuer.public_key)
    problems = lint.problems(rehearsal, issuer.certificate) + lint.differences(rehearsal, intent)
    return signing.accept(builder, rehearsal, issuer.public_key, problems)
