"""Passwords: remembered for a minute, throttled before hashing, the same words for every refusal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import hashers
from django.db import connections

from workflows.access import passwords, throttling
from workflows.access.passwords import verify
from workflows.errors import NotAuthenticated, TooManyAttempts
from workflows.models import LoginFailures, User

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RIGHT, WRONG = "correct horse battery", "wrong"


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", RIGHT)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    passwords._verified = passwords.VerifiedLogins()
    yield
    passwords._verified = passwords.VerifiedLogins()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that the hasher was given."""
    seen: list[str] = []
    hasher = hashers.get_hasher()
    encode = type(hasher).encode

    def counted(self: object, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(type(hasher), "encode", counted)
    return seen


def attempt(password: str, *, name: str = "ada", address: str = "192.0.2.1", now: datetime = NOW) -> User:
    return verify(name, password, address=address, now=now)


@pytest.mark.parametrize("name", ["ada", "ADA", "COUNTERSIGN\\ada", "countersign\\Ada"])
def test_the_right_password_with_or_without_domain(ada: User, name: str) -> None:
    assert attempt(RIGHT, name=name) == ada
    assert not LoginFailures.objects.filter(count__gt=0).exists()


@pytest.mark.parametrize("name", ["ada", "nobody", "ELSEWHERE\\ada", "a\0b", "", "x" * 500, "\ud800"])
def test_every_refusal_sounds_and_costs_the_same(ada: User, hashed: list[str], name: str) -> None:
    with pytest.raises(NotAuthenticated, match="name or the password is wrong"):
        attempt(WRONG, name=name)
    assert hashed == [WRONG]


def test_a_disabled_user_is_refused_even_when_remembered(ada: User) -> None:
    attempt(RIGHT)
    User.objects.update(is_active=False)
    with pytest.raises(NotAuthenticated):
        attempt(RIGHT)


def test_a_verified_login_is_not_hashed_again_for_a_minute(ada: User, hashed: list[str]) -> None:
    attempt(RIGHT)
    hashed.clear()
    attempt(RIGHT, now=NOW + timedelta(seconds=59))
    assert hashed == []
    attempt(RIGHT, now=NOW + timedelta(seconds=61))
    assert hashed == [RIGHT]


def test_a_new_password_ends_what_is_remembered(ada: User) -> None:
    attempt(RIGHT)
    ada.set_password("another long password")
    ada.save()
    with pytest.raises(NotAuthenticated):
        attempt(RIGHT)


def test_what_is_remembered_is_bounded() -> None:
    logins = passwords.VerifiedLogins()
    for number in range(passwords._REMEMBERED_AT_MOST + 1):
        logins.add(str(number).encode(), NOW)
    assert not logins.holds(b"0", NOW)
    assert logins.holds(str(passwords._REMEMBERED_AT_MOST).encode(), NOW)


def test_too_many_wrong_passwords_for_a_name_stop_before_hashing(ada: User, hashed: list[str]) -> None:
    for number in range(throttling.NAME_LIMIT):
        with pytest.raises(NotAuthenticated):
            attempt(WRONG, address=f"192.0.2.{number}")
    hashed.clear()
    with pytest.raises(TooManyAttempts) as refused:
        attempt(RIGHT, address="198.51.100.1", now=NOW + timedelta(minutes=5))
    assert refused.value.retry_after == 600
    assert hashed == []
    assert attempt(RIGHT, now=NOW + throttling.WINDOW) == ada


def test_too_many_wrong_passwords_from_an_address_stop_for_every_name(ada: User) -> None:
    for number in range(throttling.ADDRESS_LIMIT):
        with pytest.raises(NotAuthenticated):
            attempt(WRONG, name=f"user{number}", address=f"2001:db8::{number:x}")
    with pytest.raises(TooManyAttempts):
        attempt(RIGHT, address="2001:db8::ffff")
    assert attempt(RIGHT, address="2001:db8:1::1") == ada


def test_who_is_remembered_is_not_locked_out_by_others_guesses(ada: User) -> None:
    attempt(RIGHT)
    for _ in range(throttling.NAME_LIMIT + 1):
        with pytest.raises((NotAuthenticated, TooManyAttempts)):
            attempt(WRONG, address="198.51.100.7")
    assert attempt(RIGHT, now=NOW + timedelta(seconds=30)) == ada


@pytest.mark.django_db(transaction=True)
def test_a_program_that_begins_with_many_calls_at_once_is_let_in(hashed: list[str]) -> None:
    """None of them is a guess, and one hash is enough for all."""
    User.objects.create_user("robot", RIGHT)
    hashed.clear()
    barrier = threading.Barrier(2 * throttling.NAME_LIMIT, timeout=60)

    def log_in(_number: int) -> str:
        try:
            barrier.wait()
            return attempt(RIGHT, name="robot").username
        finally:
            connections.close_all()

    with ThreadPoolExecutor(barrier.parties) as pool:
        assert set(pool.map(log_in, range(barrier.parties))) == {"robot"}
    assert hashed == [RIGHT]


def test_a_right_password_forgets_the_wrong_ones(ada: User) -> None:
    for _ in range(3):
        for _ in range(throttling.NAME_LIMIT - 1):
            with pytest.raises(NotAuthenticated):
                attempt(WRONG)
        passwords._verified = passwords.VerifiedLogins()
        attempt(RIGHT)


def test_expired_counts_are_forgotten(ada: User) -> None:
    with pytest.raises(NotAuthenticated):
        attempt(WRONG)
    assert throttling.forget_expired(NOW) == 0
    assert throttling.forget_expired(NOW + throttling.WINDOW) == 2
    assert not LoginFailures.objects.exists()


def test_the_table_of_failures_names_nobody(ada: User) -> None:
    with pytest.raises(NotAuthenticated):
        attempt(WRONG)
    assert not [row for row in LoginFailures.objects.all() if "ada" in row.subject or "192" in row.subject]
