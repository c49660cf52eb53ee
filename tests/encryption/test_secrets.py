from __future__ import annotations

import copy
import dataclasses
import json
import pickle

import pytest

from workflows.encryption import Secret

MARK = "s3cret-mark"


@dataclasses.dataclass(frozen=True)
class Holder:
    password: Secret[str]


def test_only_reveal_shows_the_value() -> None:
    secret = Secret(MARK)
    assert secret.reveal() == MARK
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>40}",
        f"{secret!s} {secret!r}",
        repr(Holder(secret)),
    ]
    shown += [
        json.dumps(secret, default=str),
        str(vars(Holder(secret))),
        str(dataclasses.asdict(Holder(secret))),
    ]
    assert not [text for text in shown if MARK in text]
    assert repr(secret) == "Secret(****)"


def test_it_is_no_json() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"password": Secret(MARK)})
    assert MARK not in str(caught.value)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled") as caught:
        pickle.dumps(Holder(Secret(MARK)), protocol)
    assert MARK not in str(caught.value)


def test_a_copy_is_the_same_secret() -> None:
    secret = Secret(MARK.encode())
    assert copy.copy(secret) is secret
    assert copy.deepcopy(secret) is secret


def test_it_has_no_attributes_to_dump() -> None:
    with pytest.raises(TypeError):
        vars(Secret(MARK))


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (Secret("a"), Secret("a"), True),
        (Secret("é\ud800"), Secret("é\ud800"), True),
        (Secret(b"a"), Secret(b"a"), True),
        (Secret("a"), Secret("b"), False),
        (Secret("a"), Secret(b"a"), False),
        (Secret("a"), "a", False),
    ],
)
def test_equality_is_of_type_and_value(left: object, right: object, equal: bool) -> None:
    assert (left == right) is equal


def test_it_is_no_dictionary_key() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Secret("a"))
