"""Tokens in a URL: a value changes one part of path or query, never where the request goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from workflows.engine.expressions.places import Template, as_text
from workflows.engine.expressions.tokens import Token
from workflows.errors import InvalidInput

# A backslash counts as part of the host: some parsers end the host at it and others do not.
_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"[\w.\-:\[\]]+", re.ASCII)  # no `@`: what stands before it is not the host


class UrlTemplate(Template):
    """With `allow_host` tokens may give host and port, but never the scheme: it decides who can listen."""

    def __init__(self, text: str, tokens: Sequence[Token], *, allow_host: bool) -> None:
        super().__init__(text, tokens)
        self.allow_host = allow_host
        origin = _ORIGIN.match(text)
        self.origin_end = origin.end() if origin else 0
        self.path_end = len(re.split("[?#]", text, maxsplit=1)[0])

    def check(self) -> None:
        if self.tokens and not self.origin_end:
            raise InvalidInput("A URL with tokens begins with https:// or http://, written out.")
        for token in self.tokens:
            if token.start < self.origin_end and not self.allow_host:
                raise InvalidInput(f"The token {token} may not stand in the host or port of a URL.")

    def write(self, token: Token, value: Any) -> str:
        text = as_text(token, value)
        if token.start < self.origin_end:
            return _host(token, text)
        if token.start < self.path_end and not text:
            # DELETE /users/$(id) without an id would delete them all.
            raise InvalidInput(f"The value of {token} is empty, refused in the path of a URL.")
        return quote(text, safe="", errors="replace")

    def check_result(self, result: str) -> None:
        try:
            path = urlsplit(result).path
        except ValueError as error:
            raise InvalidInput("With its tokens filled in, the URL has no valid host.") from error
        if any(unquote(segment) in {".", ".."} for segment in path.split("/")):
            # Percent-encoding keeps dots, and every client walks up the path.
            raise InvalidInput("The path of a URL may not hold '.' or '..' as a segment.")


def _host(token: Token, text: str) -> str:
    if not _HOST_AND_PORT.fullmatch(text):
        raise InvalidInput(f"The value of {token} is no host or port.")
    return text
