"""Mails as they are sent (RFC 5322, MIME): no name, address, subject or header can begin another header.

The header block is written here, because `email.message` (Python 3.11) decodes encoded words that a caller's
text happens to hold, line breaks included, and then writes those line breaks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Self

from workflows.errors import InvalidInput

_UNICODE = r"\u00a1-\U0010ffff"  # RFC 6531
_ATOM = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~\-{_UNICODE}]+"  # RFC 5322, 3.2.3
_LABEL = rf"[A-Za-z0-9_\-{_UNICODE}]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_OURS = frozenset({"bcc", "cc", "date", "from", "message-id", "mime-version", "sender", "subject", "to"})
_OUR_PREFIXES = ("content-", "resent-")
_LONGEST_LINE = 900  # RFC 5322 allows 998 with the header's name
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, surrogates, line and paragraph separators


@dataclass(frozen=True)
class Mailbox:
    """An address with the name shown beside it; raises InvalidInput for what cannot be one."""

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        _one_line("name of a mailbox", self.name)
        invisible = any(unicodedata.category(character)[0] in "CZ" for character in self.address)
        if invisible or len(self.address) > 254 or not _ADDRESS.fullmatch(self.address):
            raise InvalidInput(f"{self.address!r} is not a mail address.")

    @classmethod
    def of(cls, text: str) -> Self:
        """Reads `address` or `name <address>`."""
        name, bracket, rest = text.strip().rpartition("<")
        if bracket and rest.endswith(">"):
            return cls(rest[:-1], name.strip().strip('"'))
        return cls(text.strip())

    def __str__(self) -> str:
        """As a header shows it; the address is not encoded, so it may need SMTPUTF8."""
        if not self.name:
            return self.address
        quoted = re.sub(r'(["\\])', r"\\\1", self.name)
        phrase = f'"{quoted}"' if _is_plain(self.name) else _encoded(self.name)
        return f"{phrase} <{self.address}>"


@dataclass(frozen=True)
class MailMessage:
    to: Mailbox
    subject: str
    text: str = field(repr=False)
    html: str = field(default="", repr=False)  # shown instead of the text by programs that can
    message_id: str = ""  # `<…@…>`; keep it over retries, so that a second copy is recognised
    headers: tuple[tuple[str, str], ...] = ()


def render(message: MailMessage, sender: Mailbox) -> bytes:
    """The message as it is sent, dated now; raises InvalidInput for what a header or text cannot hold."""
    headers = [
        ("From", str(sender)),
        ("To", str(message.to)),
        ("Subject", _text("subject", message.subject)),
        ("Date", format_datetime(datetime.now(UTC))),
        *_message_id(message.message_id),
        *((_extra_name(name), _text(f"header {name}", value)) for name, value in message.headers),
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + _body(message)


def _body(message: MailMessage) -> bytes:
    """The MIME headers and the content; quoted-printable carries every character and every length of line."""
    body = EmailMessage(policy=SMTP)
    try:
        body.set_content(message.text, cte="quoted-printable")
        if message.html:
            body.add_alternative(message.html, subtype="html", cte="quoted-printable")
    except UnicodeEncodeError:
        raise InvalidInput("The text of a mail holds half a character (a lone surrogate).") from None
    return body.as_bytes()


def _one_line(what: str, value: str) -> str:
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in value):
        raise InvalidInput(f"The {what} must be one line without control characters.")
    return value


def _text(what: str, value: str) -> str:
    return value if _is_plain(_one_line(what, value)) else _encoded(value)


def _is_plain(value: str) -> bool:
    return value.isascii() and "=?" not in value and len(value) < _LONGEST_LINE


def _encoded(value: str) -> str:
    """Encoded words, folded (RFC 2047)."""
    return Header(value, "utf-8").encode(linesep="\r\n")


def _message_id(value: str) -> list[tuple[str, str]]:
    if value and not _MESSAGE_ID.fullmatch(value):
        raise InvalidInput("A message id looks like <unique@host>.")
    return [("Message-ID", value)] if value else []


def _extra_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith(_OUR_PREFIXES):
        raise InvalidInput(f"The mail header {name!r} cannot be set.")
    return name
