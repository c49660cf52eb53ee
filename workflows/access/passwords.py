"""Passwords of people: verified once, remembered briefly, throttled before hashing (design.md, section 5)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TypeGuard

from django.contrib.auth.hashers import make_password

from workflows.access.throttling import Attempt
from workflows.encryption import keyed_hash
from workflows.errors import NotAuthenticated
from workflows.models import User
from workflows.models.people import bare_name

REMEMBERED_FOR = timedelta(seconds=60)
_REMEMBERED_AT_MOST = 1024
_GATES = 256


class VerifiedLogins:
    """Logins of this process whose hash was computed within a minute.

    The key is a keyed hash over user, stored hash and password: a new password ends it, memory holds none.
    """

    def __init__(self) -> None:
        self._until: OrderedDict[bytes, datetime] = OrderedDict()
        self._lock = threading.Lock()
        self._gates = [threading.Lock() for _ in range(_GATES)]

    def gate(self, key: bytes) -> AbstractContextManager[object]:
        """Lets one call at a time verify a login: those that waited find it remembered.

        A program that begins with twenty calls at once would else look like twenty guesses under way.
        """
        return self._gates[key[0] % _GATES] if key else nullcontext()

    def holds(self, key: bytes, now: datetime) -> bool:
        with self._lock:
            return key in self._until and now < self._until[key]

    def add(self, key: bytes, now: datetime) -> None:
        with self._lock:
            self._until.pop(key, None)
            self._until[key] = now + REMEMBERED_FOR
            if len(self._until) > _REMEMBERED_AT_MOST:
                self._until.popitem(last=False)


_verified = VerifiedLogins()


def verify(username: str, password: str, *, address: str, now: datetime) -> User:
    r"""The active user with this name, `DOMAIN\name` or bare. Raises NotAuthenticated, TooManyAttempts.

    Unknown names, disabled users and wrong passwords take the same time and the same words.
    """
    user = _find(username)
    key = _key(user, password) if user else b""
    if _is_remembered(user, key, now):
        return user
    with _verified.gate(key):
        return user if _is_remembered(user, key, now) else _verify(user, username, password, address, now)


def _is_remembered(user: User | None, key: bytes, now: datetime) -> TypeGuard[User]:
    return user is not None and user.is_active and _verified.holds(key, now)


def _verify(user: User | None, username: str, password: str, address: str, now: datetime) -> User:
    attempt = Attempt(username, address, now)
    right = user.check_password(password) if user else _hash_for_nobody(password)
    if not user or not right or not user.is_active:
        raise NotAuthenticated("The user name or the password is wrong.")
    attempt.succeeded()
    _verified.add(_key(user, password), now)  # the hash may have been upgraded by the check
    return user


def _find(username: str) -> User | None:
    name = bare_name(username)
    return User.objects.filter(username__iexact=name).first() if name.isprintable() else None


def _key(user: User, password: str) -> bytes:
    return keyed_hash("verified-login", "\0".join((str(user.pk), user.password, password)).encode())


def _hash_for_nobody(password: str) -> bool:
    make_password(password)
    return False
