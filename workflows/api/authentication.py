"""Who calls: a token, a user name with password, or a session; each sets `request.auth` to the Actor."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.utils import timezone
from rest_framework import authentication
from rest_framework.request import Request

from workflows.access import passwords, second_factors, tokens
from workflows.access.actors import Actor, actor_for
from workflows.errors import NotAuthenticated
from workflows.models import User

Credentials = tuple[User, Actor]


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer cs_…`, or `Token cs_…`."""

    def authenticate(self, request: Request) -> Credentials | None:
        scheme, text = _authorization(request)
        if scheme not in ("bearer", "token"):
            return None
        token = tokens.find(text, timezone.now())
        return token.user, actor_for(token.user, token.scopes)


class BasicAuthentication(authentication.BaseAuthentication):
    r"""RFC 7617 in UTF-8; the user name is bare or `DOMAIN\name` (D18)."""

    def authenticate(self, request: Request) -> Credentials | None:
        scheme, text = _authorization(request)
        if scheme != "basic":
            return None
        username, password = _name_and_password(text)
        user = passwords.verify(
            username, password, address=request.META.get("REMOTE_ADDR", ""), now=timezone.now()
        )
        if second_factors.is_asked_of(user):
            raise NotAuthenticated("This account has a second factor: use one of its API tokens instead.")
        return user, actor_for(user)


class SessionAuthentication(authentication.SessionAuthentication):
    """The portal's session; calls that change something need the CSRF token (D7)."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        return found and (found[0], actor_for(found[0]))


def _authorization(request: Request) -> tuple[str, str]:
    """Scheme in lower case and the rest; an unknown scheme is refused rather than passed over."""
    header = request.headers.get("Authorization", "").strip()
    scheme, _, rest = header.partition(" ")
    if header and scheme.lower() not in ("basic", "bearer", "token"):
        raise NotAuthenticated("Use Basic, or Bearer with an API token.")
    return scheme.lower(), rest.strip()


def _name_and_password(text: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        decoded = ""
    username, separator, password = decoded.partition(":")
    if not separator:
        raise NotAuthenticated("The Basic credentials are not base64 of name:password in UTF-8.")
    return username, password
