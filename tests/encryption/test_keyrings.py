from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import encryption
from workflows.encryption import keyrings
from workflows.errors import SecretUnreadable, Unavailable

# Fixed: they name parametrized cases, which every process of a test run must name alike.
OLD = f"old:{base64.b64encode(bytes(range(32))).decode()}"
NEW = f"2026-11:{base64.b64encode(bytes(range(32, 64))).decode()}"
PLACE: dict[str, Any] = {"table": "private_keys", "row": 7, "field": "key"}


@pytest.fixture(autouse=True)
def _configured(own_ring: None) -> None:
    encryption.configure(OLD)


@given(
    plaintext=st.binary(max_size=500),
    table=st.text(),
    row=st.one_of(st.integers(), st.text(), st.uuids()),
    field=st.text(),
)
def test_what_is_encrypted_comes_back(plaintext: bytes, table: str, row: keyrings.Row, field: str) -> None:
    ciphertext = encryption.encrypt(plaintext, table=table, row=row, field=field)
    assert encryption.decrypt(memoryview(ciphertext), table=table, row=row, field=field) == plaintext


def test_two_ciphertexts_of_one_secret_differ() -> None:
    assert encryption.encrypt(b"x", **PLACE) != encryption.encrypt(b"x", **PLACE)


@pytest.mark.parametrize("moved", [{"table": "tokens"}, {"row": 8}, {"field": "password"}])
def test_a_ciphertext_is_bound_to_its_place(moved: dict[str, object]) -> None:
    ciphertext = encryption.encrypt(b"marked", **PLACE)
    with pytest.raises(SecretUnreadable, match="another place") as caught:
        encryption.decrypt(ciphertext, **(PLACE | moved))
    assert "marked" not in str(caught.value)


def test_parts_of_a_place_do_not_run_together() -> None:
    ciphertext = encryption.encrypt(b"x", table="ab", row="c", field="d")
    with pytest.raises(SecretUnreadable):
        encryption.decrypt(ciphertext, table="a", row="bc", field="d")


@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    ciphertext = bytearray(encryption.encrypt(b"secret", **PLACE))
    ciphertext[data.draw(st.integers(0, len(ciphertext) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SecretUnreadable):
        encryption.decrypt(bytes(ciphertext), **PLACE)


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_in_words(ciphertext: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        encryption.decrypt(ciphertext, **PLACE)


def test_a_truncated_ciphertext_is_refused() -> None:
    ciphertext = encryption.encrypt(b"secret", **PLACE)
    for length in range(len(ciphertext)):
        with pytest.raises(SecretUnreadable):
            encryption.decrypt(ciphertext[:length], **PLACE)


def test_rotation_reads_the_old_and_writes_the_new() -> None:
    old = encryption.encrypt(b"secret", **PLACE)
    encryption.configure(f"{NEW},{OLD}")
    assert encryption.needs_rewrap(old)
    new = encryption.encrypt(encryption.decrypt(old, **PLACE), **PLACE)
    assert not encryption.needs_rewrap(new)
    encryption.configure(NEW)
    assert encryption.decrypt(new, **PLACE) == b"secret"


def test_a_missing_key_is_named() -> None:
    ciphertext = encryption.encrypt(b"secret", **PLACE)
    encryption.configure(NEW)
    with pytest.raises(SecretUnreadable, match=r"private_keys\.key of row 7 needs the key 'old'"):
        encryption.decrypt(ciphertext, **PLACE)


def test_another_key_of_the_same_id_is_refused() -> None:
    ciphertext = encryption.encrypt(b"secret", **PLACE)
    encryption.configure(encryption.generate_key("old"))
    with pytest.raises(SecretUnreadable, match="another key 'old'"):
        encryption.decrypt(ciphertext, **PLACE)


def test_the_ring_shows_no_key() -> None:
    encoded = OLD.partition(":")[2]
    shown = repr(encryption.keyring())
    assert encoded not in shown
    assert repr(base64.b64decode(encoded)) not in shown


def test_parsed_keys_configure_as_well_as_text() -> None:
    ciphertext = encryption.encrypt(b"secret", **PLACE)
    encryption.configure(encryption.parse_keys(f" {NEW} , {OLD} ,"))
    assert encryption.decrypt(ciphertext, **PLACE) == b"secret"


def test_without_a_ring_it_says_what_to_set() -> None:
    keyrings._configured.clear()
    with pytest.raises(Unavailable, match="KEY_ENCRYPTION_KEYS"):
        encryption.encrypt(b"", **PLACE)


SHORT = base64.b64encode(b"k" * 31).decode()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "at least one"),
        (" , ", "at least one"),
        (f"{OLD},{OLD}", "key 2 needs an id of its own"),
        (OLD.partition(":")[2], "key 1 needs an id"),
        (f"a b:{SHORT}", "key 1 needs an id"),
        (f"{OLD},k:{SHORT}", "key 2 must be 32 bytes"),
        ("k:not*base64", "key 1 must be 32 bytes"),
        ("k:é", "key 1 must be 32 bytes"),
    ],
)
def test_a_wrong_ring_is_refused_without_its_text(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint) as caught:
        encryption.configure(text)
    assert not [key for key in (SHORT, OLD.partition(":")[2]) if key in str(caught.value)]


def test_hashes_differ_by_purpose_data_and_key() -> None:
    hashes = {encryption.keyed_hash(purpose, data) for purpose in ("login", "token") for data in (b"a", b"b")}
    encryption.configure(NEW)
    hashes.add(encryption.keyed_hash("login", b"a"))
    assert len(hashes) == 5
    assert {len(digest) for digest in hashes} == {32}


def test_a_hash_is_repeatable_and_found_after_a_rotation() -> None:
    stored = encryption.keyed_hash("token", b"abc")
    assert stored == encryption.keyed_hash("token", b"abc")
    encryption.configure(f"{NEW},{OLD}")
    assert encryption.keyed_hashes("token", b"abc") == [encryption.keyed_hash("token", b"abc"), stored]
