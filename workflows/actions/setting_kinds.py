"""What a setting may hold, as text on the wire and as a value in the code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from workflows.errors import InvalidInput

T = TypeVar("T")
LONGEST_LINK = 2000


class Kind(Protocol, Generic[T]):
    """`value_type` is the wire's word for it."""

    @property
    def value_type(self) -> str: ...

    def parse(self, text: str) -> T:
        """The value. Raises InvalidInput that says what is expected."""

    def text(self, value: T) -> str: ...


@dataclass(frozen=True)
class Number:
    """A whole number from `minimum` to `maximum`."""

    minimum: int
    maximum: int
    value_type: str = "Integer"

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text.strip()) or not self.minimum <= int(text) <= self.maximum:
            raise InvalidInput(f"must be a whole number from {self.minimum} to {self.maximum}")
        return int(text)

    def text(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True)
class OptionalNumber:
    """The same, or nothing."""

    minimum: int
    maximum: int
    value_type: str = "Integer"

    def parse(self, text: str) -> int | None:
        if not text.strip():
            return None
        try:
            return Number(self.minimum, self.maximum).parse(text)
        except InvalidInput as error:
            raise InvalidInput(f"{error}, or empty") from None

    def text(self, value: int | None) -> str:
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Words:
    """One or more of `choices`, separated by commas; kept in their order."""

    choices: tuple[str, ...]
    value_type: str = "String"

    def parse(self, text: str) -> tuple[str, ...]:
        given = {word.strip().casefold() for word in text.split(",") if word.strip()}
        if not given or given - {each.casefold() for each in self.choices}:
            raise InvalidInput(f"must be one or more of {', '.join(self.choices)}, separated by commas")
        return tuple(each for each in self.choices if each.casefold() in given)

    def text(self, value: tuple[str, ...]) -> str:
        return ",".join(value)


@dataclass(frozen=True)
class Link:
    """An address that browsers may be led to, or nothing."""

    value_type: str = "String"

    def parse(self, text: str) -> str:
        link = text.strip()
        if link and (len(link) > LONGEST_LINK or not _is_web_address(link)):
            raise InvalidInput("must be a link that begins with https:// or http://, or empty")
        return link

    def text(self, value: str) -> str:
        return value


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    is_plain = not re.search(r"[\s\x00-\x20\x7f]", link)
    return is_plain and parts.scheme in ("http", "https") and bool(parts.hostname)
