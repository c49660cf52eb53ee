"""A value that is shown only to who asks for it by name."""

from __future__ import annotations

import hmac
from typing import Generic, NoReturn, Self, TypeVar, final

Value = TypeVar("Value", str, bytes)


@final
class Secret(Generic[Value]):
    """A password or key that no repr, format, JSON, pickle or copy shows; `reveal` is the only way out."""

    __slots__ = ("_value",)
    __hash__ = None  # type: ignore[assignment]  # a secret is no key of a dictionary or cache

    def __init__(self, value: Value) -> None:
        self._value: Value = value

    def reveal(self) -> Value:
        """The value itself; call it where it is used, and keep the result nowhere."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(****)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        """True for a secret of the same type and value; the time taken does not tell where they differ."""
        if not isinstance(other, Secret) or type(other._value) is not type(self._value):
            return NotImplemented
        return hmac.compare_digest(_as_bytes(self._value), _as_bytes(other._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self  # `dataclasses.asdict` copies deeply

    def __getstate__(self) -> NoReturn:
        raise TypeError("A Secret cannot be pickled: encrypt what must be stored or sent.")


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
