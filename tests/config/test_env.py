"""Settings come from X, X_FILE or the generated file, and a wrong one is refused with a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import env, settings_table
from tests.architecture.snapshots import ROOT, assert_current

KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def test_nothing_given_and_an_empty_variable_mean_the_default() -> None:
    assert env.PORT.read({}) == 8000
    assert env.PORT.read({"PORT": "", "PORT_FILE": ""}) == 8000


def test_the_variable_wins_over_the_generated_file_and_a_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret-key").write_text("generated\n")
    (tmp_path / "named").write_text("named\n")
    data = {"DATA": str(tmp_path)}
    assert env.SECRET_KEY.read(data) == "generated"
    assert env.SECRET_KEY.read({**data, "SECRET_KEY_FILE": str(tmp_path / "named")}) == "named"
    assert env.SECRET_KEY.read({**data, "SECRET_KEY": "given"}) == "given"


def test_what_must_be_given_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(env.SettingError, match="SECRET_KEY is not set"):
        env.SECRET_KEY.read({"DATA": str(tmp_path)})


def test_both_at_once_and_an_unreadable_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(env.SettingError, match="Keep one of them"):
        env.SECRET_KEY.read({"SECRET_KEY": "a", "SECRET_KEY_FILE": "b"})
    with pytest.raises(env.SettingError, match="SECRET_KEY_FILE cannot be read: FileNotFoundError"):
        env.SECRET_KEY.read({"SECRET_KEY_FILE": str(tmp_path / "missing")})


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("PORT", "http", "whole number from 1 to 65535"),
        ("PORT", "70000", "whole number from 1 to 65535"),
        ("DEBUG", "maybe", "true or false"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO"),
        ("DATABASE_URL", "mysql://localhost/x", "must begin with postgresql://"),
        ("REDIS_URL", "localhost:6379", "must begin with redis://"),
        ("PUBLIC_URL", "countersign.example.com", "https://countersign.example.com"),
        ("PUBLIC_URL", "https://example.com/path", "without a path"),
        ("ALLOWED_HOSTS", "good.example.com, bad host", "'bad host' is not a host name"),
        ("OUTBOUND_ALLOW_PRIVATE", "10.0.0.0/99", "neither a network"),
        ("KEY_ENCRYPTION_KEYS", ":c2hvcnQ=", "id:base64"),
        ("KEY_ENCRYPTION_KEYS", "one:c2hvcnQ=", "32 bytes in base64"),
        ("KEY_ENCRYPTION_KEYS", f"one:{KEY},one:{KEY}", "id of its own"),
        ("AUDIT_KEY", "not base64!", "openssl rand -base64 32"),
        ("DOMAIN_NAME", " ", "must not be empty"),
    ],
)
def test_a_wrong_value_is_refused_with_a_hint(name: str, value: str, hint: str) -> None:
    setting = next(setting for setting in env.SETTINGS if setting.name == name)
    with pytest.raises(env.SettingError, match=f"{name}: .*{hint}"):
        setting.read({name: value})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("DEBUG", "Yes", True),
        ("LOG_LEVEL", "warning", "WARNING"),
        ("PUBLIC_URL", "https://example.com:8443/", "https://example.com:8443"),
        ("ALLOWED_HOSTS", "a.example.com, [::1],", ("a.example.com", "[::1]")),
        ("OUTBOUND_ALLOW_PRIVATE", "10.0.0.0/8, ::1, pki.internal", ("10.0.0.0/8", "::1", "pki.internal")),
        ("KEY_ENCRYPTION_KEYS", f"new:{KEY},old:{KEY}", {"new": bytes(32), "old": bytes(32)}),
        ("AUDIT_KEY", KEY, bytes(32)),
    ],
)
def test_a_right_value_is_typed(name: str, text: str, value: object) -> None:
    setting = next(setting for setting in env.SETTINGS if setting.name == name)
    assert setting.read({name: text}) == value


def test_a_refusal_never_shows_the_value() -> None:
    with pytest.raises(env.SettingError) as caught:
        env.KEY_ENCRYPTION_KEYS.read({"KEY_ENCRYPTION_KEYS": "first:hunter2"})
    assert "hunter2" not in str(caught.value)


def test_every_name_is_declared_once() -> None:
    names = [setting.name for setting in env.SETTINGS]
    assert len(names) == len(set(names))


def test_the_documented_table_is_that_of_the_code() -> None:
    page = "docs/operations.md"
    assert_current(page, settings_table.updated((ROOT / page).read_text(encoding="utf-8")))
