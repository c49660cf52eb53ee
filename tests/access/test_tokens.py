"""API tokens: found by keyed hash, until they expire, are deleted or their user is disabled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workflows.access import tokens
from workflows.errors import NotAuthenticated
from workflows.models import ApiToken, User

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada")


def test_a_token_is_found_by_its_text_and_only_its_hash_is_kept(ada: User) -> None:
    token, text = tokens.issue(ada, name="scripts")
    assert tokens.find(text, NOW) == token
    assert text.startswith("cs_")
    stored = str(ApiToken.objects.values().get())
    assert text not in stored
    assert text.startswith(token.prefix)


@pytest.mark.parametrize("text", ["", "cs_", "cs_" + "x" * 43, "\x00", "é" * 1000])
def test_another_text_is_refused(ada: User, text: str) -> None:
    tokens.issue(ada, name="scripts")
    with pytest.raises(NotAuthenticated):
        tokens.find(text, NOW)


def test_an_expired_token_is_refused(ada: User) -> None:
    _, text = tokens.issue(ada, name="scripts", expires_at=NOW)
    tokens.find(text, NOW - timedelta(seconds=1))
    with pytest.raises(NotAuthenticated):
        tokens.find(text, NOW)


def test_a_token_of_a_disabled_user_is_refused(ada: User) -> None:
    _, text = tokens.issue(ada, name="scripts")
    User.objects.update(is_active=False)
    with pytest.raises(NotAuthenticated):
        tokens.find(text, NOW)


def test_its_use_is_noted_once_a_minute(ada: User) -> None:
    token, text = tokens.issue(ada, name="scripts")
    for moment in (NOW, NOW + timedelta(seconds=30)):
        tokens.find(text, moment)
        token.refresh_from_db()
        assert token.last_used_at == NOW
    tokens.find(text, NOW + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(seconds=60)
