"""Closed sets of words on the wire: integers or names by profile (D1, D2)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from rest_framework import serializers

from workflows.api.profiles import Profile

E = TypeVar("E", bound=enum.IntEnum | enum.IntFlag)


class EnumField(serializers.Field[Any, Any, Any, Any], Generic[E]):
    """Reads number, number text or name in any case; writes number or name by profile (D1, D2)."""

    def __init__(self, words: type[E], *, taken: Sequence[E] = (), **kwargs: Any) -> None:
        """`taken` are those that are accepted, where that is not all."""
        self.words = words
        self.taken = taken
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> E:
        try:
            found = read_enum(self.words, data)
        except ValueError as error:
            raise serializers.ValidationError(_expected(self.taken) if self.taken else str(error)) from None
        if self.taken and found not in self.taken:
            raise serializers.ValidationError(_expected(self.taken))
        return found

    def to_representation(self, value: int) -> int | str:
        number = int(value)
        if self.context.get("profile") is Profile.WIRE:
            return number
        return enum_name(self.words, number)


def read_enum(words: type[E], data: Any) -> E:
    """The member that a number, number text or name in any case means; ValueError lists what may be given."""
    if isinstance(data, int) and not isinstance(data, bool):
        return _by_number(words, data)
    text = data.strip() if isinstance(data, str) else ""
    if text.removeprefix("-").isdecimal() and len(text) < 12:
        return _by_number(words, int(text))
    names = {name.casefold(): member for name, member in words.__members__.items()}
    parts = [part.strip().casefold() for part in text.split(",")]
    if not all(part in names for part in parts) or (len(parts) > 1 and not issubclass(words, enum.IntFlag)):
        raise ValueError(_expected(words.__members__.values()))
    return words(sum({int(names[part]) for part in parts}))


def enum_name(words: type[E], number: int) -> int | str:
    """The name under `/api/`; of flags, all names joined by a comma; a number that has no name stays one."""
    try:
        member = words(number)
    except ValueError:
        return number
    return (member.name or str(number)).replace("|", ", ")


def _by_number(words: type[E], number: int) -> E:
    if issubclass(words, enum.IntFlag) and not 0 <= number <= sum(words.__members__.values()):
        raise ValueError(_expected(words.__members__.values()))
    try:
        return words(number)
    except ValueError:
        raise ValueError(_expected(words.__members__.values())) from None


def _expected(members: Iterable[enum.Enum]) -> str:
    return f"Must be one of {', '.join(f'{member.name} ({member.value})' for member in members)}."
