"""Our own additions to security: users who log in with a password, and API tokens."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from workflows.actions import api_tokens, users
from workflows.api.serializers import security as shapes
from workflows.api.shapes import show
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import ApiToken, User
from workflows.search import kinds
from workflows.search.accounts import BareAccount
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import Permission

READ, MODIFY = Permission.SECURITY_READ, Permission.SECURITY_MODIFY
USERS = Fields(
    [
        Field("AccountName", "username", BareAccount()),
        Field("FullName", "full_name"),
        Field("Email", "email"),
        Field("Id", "pk", kinds.Integer()),
        Field("IsActive", "is_active", kinds.Boolean()),
        Field("IsService", "is_service", kinds.Boolean()),
        Field("CreatedAt", "created_at", kinds.Date()),
    ]
)
TOKENS = Fields(
    [
        Field("Name", "name"),
        Field("AccountName", "user__username", BareAccount()),
        Field("Id", "pk", kinds.Integer()),
        Field("ExpiresAt", "expires_at", kinds.Date()),
        Field("LastUsedAt", "last_used_at", kinds.Date()),
    ]
)


class Users(View):
    @listing(shapes.UserAnswer, fields=USERS, sort="AccountName", permission=READ)
    def get(self) -> QuerySet[User]:
        """People and services."""
        return users.visible(self.actor)

    @operation(body=shapes.IdentityCreate, answer=shapes.UserAnswer, permission=MODIFY)
    def post(self, body: dict[str, Any]) -> User:
        """Create a user; without a password he cannot log in yet."""
        return users.create(actor=self.actor, **body)

    @operation(
        body=shapes.UserUpdate,
        answer=shapes.UserAnswer,
        permission=MODIFY,
        etag=users.etag,
        if_match=True,
    )
    def put(self, body: dict[str, Any], expected: str | None) -> User:
        """Change a user; what is left out stays."""
        return users.update(body.pop("id"), actor=self.actor, expected=expected, **body)


class OneUser(View):
    @operation(answer=shapes.UserAnswer, permission=READ, etag=users.etag)
    def get(self, user_id: int) -> User:
        """One user."""
        return users.find(user_id, actor=self.actor)


class UserPassword(View):
    @operation(body=shapes.NewPassword, permission=MODIFY)
    def put(self, user_id: int, body: dict[str, Any]) -> None:
        """Replace a user's password, which ends his sessions."""
        users.set_password(user_id, body["password"], actor=self.actor)


class UserStatus(View):
    @operation(body=bool, permission=MODIFY)
    def put(self, user_id: int, body: bool) -> None:
        """Let a user log in (true) or not (false)."""
        users.set_active(user_id, body, actor=self.actor)


class Tokens(View):
    @listing(shapes.TokenAnswer, fields=TOKENS, sort="Name")
    def get(self) -> QuerySet[ApiToken]:
        """The caller's tokens; everybody's to who may read security."""
        return api_tokens.visible(self.actor)

    @operation(body=shapes.TokenCreate, answer=shapes.NewToken)
    def post(self, body: dict[str, Any]) -> Response:
        """Create a token; its text is shown in this answer and never again."""
        token, text = api_tokens.create(actor=self.actor, **body)
        return Response(show(shapes.TokenAnswer, token, self.context) | {"Token": text.reveal()})


class OneToken(View):
    @operation()
    def delete(self, token_id: int) -> None:
        """End a token at once."""
        api_tokens.delete(token_id, actor=self.actor)


routes = [
    route("Security/Users", Users),
    route("Security/Users/<int:user_id>", OneUser),
    route("Security/Users/<int:user_id>/Password", UserPassword),
    route("Security/Users/<int:user_id>/Status", UserStatus),
    route("Security/Tokens", Tokens),
    route("Security/Tokens/<int:token_id>", OneToken),
]
