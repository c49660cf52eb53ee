"""API tokens: text shown once, keyed hash stored (design.md, section 5)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from workflows.encryption import keyed_hash, keyed_hashes
from workflows.errors import NotAuthenticated
from workflows.models import ApiToken, User

PREFIX = "cs_"
_PURPOSE = "api-token"
_SHOWN = 12  # what lists show to tell tokens apart; 9 of 43 random characters
_USE_NOTED_EVERY = timedelta(minutes=1)


def issue(
    user: User, *, name: str, scopes: Iterable[str] = (), expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of `user` and its text, which nothing can show again."""
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=text[:_SHOWN],
        digest=keyed_hash(_PURPOSE, text.encode()),
        scopes=list(scopes),
        expires_at=expires_at,
    )
    return token, text


def find(text: str, now: datetime) -> ApiToken:
    """The valid token with this text, its user loaded, its use noted. Raises NotAuthenticated."""
    digests = keyed_hashes(_PURPOSE, text.encode())
    found = ApiToken.objects.select_related("user").filter(digest__in=digests)
    token = next(iter(found), None)  # `first()` would sort, which every call of the API would pay for
    if token is None or not token.user.is_active or (token.expires_at and token.expires_at <= now):
        raise NotAuthenticated("The token is unknown, expired or of a disabled user. Make a new one.")
    _note_use(token, now)
    return token


def _note_use(token: ApiToken, now: datetime) -> None:
    """At most once a minute: a token in steady use must not write with every call."""
    due = now - _USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= due:
        unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=due)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
