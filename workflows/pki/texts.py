"""Characters that may stand in a name, whoever wrote them."""

from __future__ import annotations

import unicodedata

from workflows.errors import InvalidName

# Control, unassigned, surrogate and private characters, line and paragraph separators. Format characters
# too: a bidirectional override would show an approver another name than the one that is issued.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

# Format characters that some scripts cannot be spelled without.
_JOINERS = frozenset("\u200c\u200d")


def is_plain(character: str) -> bool:
    """Whether a character is visible text, a blank or a joiner."""
    return unicodedata.category(character) not in _REFUSED_CATEGORIES or character in _JOINERS


def clean(text: str, what: str, *, limit: int) -> str:
    """The text in NFC without outer blanks; raises InvalidName if it is empty, too long or not plain.

    `what` names the value in the message; `limit` counts octets of UTF-8, as encoders do.
    """
    text = _plain(text, what).strip()
    if not text:
        raise InvalidName(f"The {what} is empty; give it a value or leave it out.")
    if len(text.encode()) > limit:
        raise InvalidName(f"The {what} takes {len(text.encode())} bytes; at most {limit} are allowed.")
    return text


def _plain(text: str, what: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    for position, character in enumerate(text, start=1):
        if not is_plain(character):
            raise InvalidName(
                f"The {what} holds the character U+{ord(character):04X} at position {position}, "
                "which names must not hold."
            )
    return unicodedata.normalize("NFC", text)
