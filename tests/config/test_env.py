"""Settings are read from X, X_FILE or the generated file, and refused with a hint when wrong."""

from __future__ import annotations

from config import env

KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def test_a_default_is_used_when_nothing_is_given() -> None:
    assert env.PORT.read({}) == 8000
