"""Marked secrets: random values that cannot occur by chance, and every form in which one would turn up."""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field

_LETTERS = string.ascii_letters + string.digits
_FRAGMENT = (
    20  # characters of base64, 120 bits: long enough to mean something, short enough for wrapped lines
)


@dataclass
class Marks:
    """The secrets of one play by name; `found_in` names those that a content holds."""

    _forms: dict[str, frozenset[bytes]] = field(default_factory=dict)

    def new(self, name: str) -> str:
        """A new secret text of 32 letters and digits."""
        text = "".join(secrets.choice(_LETTERS) for _ in range(32))
        self.add(name, text.encode())
        return text

    def add(self, name: str, value: bytes) -> None:
        """A secret that the product has made; binary ones are found as raw bytes, hexadecimal and PEM."""
        assert len(value) >= 20, f"{name} is too short to be told from anything else"
        self._forms[name] = frozenset(forms(value))

    def found_in(self, content: bytes) -> list[str]:
        return [name for name, parts in self._forms.items() if any(part in content for part in parts)]


def forms(value: bytes) -> Iterator[bytes]:
    """The bytes themselves, in hexadecimal, and in base64 wherever it may begin and break its lines."""
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for offset, unsure in enumerate((0, 2, 3)):
        # What stands before and after the value changes the first and last characters.
        text = base64.b64encode(bytes(offset) + value).rstrip(b"=")[unsure:-2]
        for altchars in (None, b"-_"):
            shown = text if altchars is None else text.translate(bytes.maketrans(b"+/", altchars))
            yield shown[:_FRAGMENT]
            yield shown[-_FRAGMENT:]
