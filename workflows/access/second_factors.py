"""Codes of an authenticator app (RFC 6238) and recovery codes, asked for after a right password.

The rows are django-allauth's. The secret is encrypted for its user, of recovery codes only keyed hashes are
kept, and each code counts once, in whichever process it arrives.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.db import transaction

from workflows.access.throttling import Attempt
from workflows.encryption import decrypt, encrypt, keyed_hashes
from workflows.errors import NotAuthenticated
from workflows.models import User

RECOVERY_CODES = 10
_TOTP = Authenticator.Type.TOTP
_RECOVERY = Authenticator.Type.RECOVERY_CODES


def is_asked_of(user: User) -> bool:
    """Whether a right password is not enough for this user."""
    return bool(settings.SECOND_FACTOR) and is_enrolled(user)


def is_enrolled(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=_TOTP).exists())


def new_secret() -> str:
    """20 random bytes in base32, as authenticator apps take them."""
    return str(totp.generate_totp_secret())


def address_of(secret: str, user: User) -> str:
    """What the QR code says: `otpauth://totp/…`."""
    label = quote(f"Countersign:{user.account_name}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': 'Countersign'})}"


def enroll(user: User, secret: str, code: str) -> list[str]:
    """Ask this user for codes from now on; returns recovery codes. Raises NotAuthenticated (wrong code)."""
    counter = _counter_of(secret, _plain(code))
    if counter is None:
        raise NotAuthenticated("This is not the code that the app shows now.")
    recovery = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    sealed = base64.b64encode(encrypt(secret.encode(), **_place(user))).decode()
    with transaction.atomic():
        remove(user)
        Authenticator.objects.create(user=user, type=_TOTP, data={"secret": sealed, "counter": counter})
        hashes = [_hashes(user, each)[0] for each in recovery]
        Authenticator.objects.create(user=user, type=_RECOVERY, data={"hashes": hashes})
    return recovery


def remove(user: User) -> bool:
    """Ask no more; returns whether there was anything to ask for."""
    return bool(Authenticator.objects.filter(user=user).delete()[0])


def verify(user: User, code: str, *, address: str, now: datetime) -> None:
    """Accept a code of the app or a recovery code, once. Raises NotAuthenticated, TooManyAttempts."""
    attempt = Attempt(f"{user.username}\0code", address, now)  # apart: a right password forgives wrong ones
    with transaction.atomic():
        rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user)}
        right = _use_totp(rows.get(_TOTP), user, _plain(code)) or _use_recovery(
            rows.get(_RECOVERY), user, _plain(code)
        )
    if not right:
        raise NotAuthenticated("The code is wrong, or was used before.")
    attempt.succeeded()


def _use_totp(row: Authenticator | None, user: User, code: str) -> bool:
    """RFC 6238, 5.2: a code, and those before it, are never accepted again."""
    if row is None:
        return False
    secret = decrypt(base64.b64decode(row.data["secret"]), **_place(user)).decode()
    counter = _counter_of(secret, code)
    if counter is None or counter <= row.data["counter"]:
        return False
    row.data["counter"] = counter
    row.record_usage()
    row.save(update_fields=["data"])
    return True


def _use_recovery(row: Authenticator | None, user: User, code: str) -> bool:
    left = row.data["hashes"] if row else []
    used = next((each for each in _hashes(user, code) if each in left), None)
    if row is None or used is None:
        return False
    left.remove(used)
    row.save(update_fields=["data"])
    return True


def _counter_of(secret: str, code: str) -> int | None:
    for counter in totp.yield_hotp_counters_from_time():
        if secrets.compare_digest(
            totp.format_hotp_value(totp.hotp_value(secret, counter)).encode(), code.encode()
        ):
            return int(counter)
    return None


def _plain(code: str) -> str:
    return "".join(code.split()).lower()


def _hashes(user: User, code: str) -> list[str]:
    """Under each key of the ring, the first one first: codes outlive a change of keys."""
    return [each.hex() for each in keyed_hashes("recovery-code", f"{user.pk}\0{code}".encode())]


def _place(user: User) -> dict[str, str]:
    return {"table": "mfa_authenticator", "row": str(user.pk), "field": "secret"}
