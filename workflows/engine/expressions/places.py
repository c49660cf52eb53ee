"""Where a token may stand, and how its value must be written there so that it stays inside (design.md, 3)."""

from __future__ import annotations

import enum
import html
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote_plus

from workflows.engine.expressions.tokens import Token
from workflows.errors import InvalidInput, MissingToken

# What ends a line somewhere on the way: C0 but the tab, DEL and C1, and the two of Unicode.
_LINE_BREAKING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


class Place(enum.Enum):
    TEXT = "text"  # as it is
    HTML = "html"  # escaped
    JSON_BODY = "JSON body"  # escaped inside a string literal, else inserted as JSON
    FORM_BODY = "form body"  # percent-encoded, as a part of application/x-www-form-urlencoded
    URL = "URL"  # percent-encoded; never the scheme, and host and port only if the definition allows it
    HEADER = "header"  # one line
    SUBJECT = "subject"  # one line
    ADDRESS = "address"  # one line; may give several addresses joined by `;`
    VALUE = "value"  # in parameters: a text that is just one token gives the value with its type


class Template:
    """A text with tokens in one place; the base is plain text."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens

    def check(self) -> None:
        """Raise InvalidInput for what is wrong with the template, whatever values its tokens have."""

    def write(self, token: Token, value: Any) -> str:
        """The value as it must be written for this token; raises InvalidInput when it may not stand there."""
        return as_text(token, value)

    def check_result(self, result: str) -> None:
        """Raise InvalidInput for what only the whole, filled in, shows."""


class HtmlTemplate(Template):
    def write(self, token: Token, value: Any) -> str:
        return html.escape(as_text(token, value))


class FormTemplate(Template):
    """A value stays one value of its field (URL Standard, 5.2)."""

    def write(self, token: Token, value: Any) -> str:
        return quote_plus(as_text(token, value), errors="replace")


class LineTemplate(Template):
    """One line: nothing may begin another header (RFC 9110, 5.5; RFC 5322, 2.2)."""

    def check(self) -> None:
        if _LINE_BREAKING.search(self.text):
            raise InvalidInput("A header, subject or address is one line without control characters.")

    def write(self, token: Token, value: Any) -> str:
        text = as_text(token, value)
        if _LINE_BREAKING.search(text):
            raise InvalidInput(
                f"The value of {token} has a line break or control character, refused in this place."
            )
        return text


class AddressTemplate(LineTemplate):
    """A list gives several addresses."""

    def write(self, token: Token, value: Any) -> str:
        values = value if isinstance(value, list) else [value]
        return ";".join(super(AddressTemplate, self).write(token, each) for each in values)


def as_text(token: Token, value: Any) -> str:
    """A value in words: texts as they are, True and False, numbers, lists and objects as JSON.

    Raises MissingToken for null: who reads the text would not see that something is missing.
    """
    if value is None:
        raise MissingToken(f"The token {token} has no value (null).")
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def split_addresses(rendered: Iterable[str]) -> list[str]:
    """The single addresses of recipients that may each hold several joined by `;`, in order, each once."""
    parts = (part.strip() for text in rendered for part in text.split(";"))
    return list(dict.fromkeys(part for part in parts if part))
