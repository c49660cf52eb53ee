"""Roles and identities of the reference, and what a caller may do (api-contract.md, 6, Security)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from workflows.actions import roles, users
from workflows.api.serializers import security as shapes
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import Role, User
from workflows.search import kinds
from workflows.search.accounts import BareAccount
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import TREE, Permission, area_and_permission

READ, MODIFY = Permission.SECURITY_READ, Permission.SECURITY_MODIFY
ROLES = Fields(
    [
        Field("Name", "name"),
        Field("Description", "description"),
        Field("Id", "pk", kinds.Integer()),
        Field("Enabled", "enabled", kinds.Boolean()),
    ]
)
IDENTITIES = Fields(
    [
        Field("AccountName", "username", BareAccount()),
        Field("Id", "pk", kinds.Integer()),
        Field("Valid", "is_active", kinds.Boolean()),
    ]
)


class Roles(View):
    @listing(shapes.RoleAnswer, fields=ROLES, sort="Name", permission=READ)
    def get(self) -> QuerySet[Role]:
        """Roles with their permissions and members."""
        return roles.visible(self.actor)

    @operation(body=shapes.RoleCreate, answer=shapes.RoleAnswer, permission=MODIFY)
    def post(self, body: dict[str, Any]) -> Role:
        """Create a role."""
        return roles.create(actor=self.actor, **_values(body))

    @operation(
        body=shapes.RoleUpdate,
        answer=shapes.RoleAnswer,
        permission=MODIFY,
        etag=roles.etag,
        if_match=True,
    )
    def put(self, body: dict[str, Any], expected: str | None) -> Role:
        """Change a role; what is left out stays."""
        return roles.update(body.pop("id"), actor=self.actor, expected=expected, **_values(body))


class OneRole(View):
    @operation(answer=shapes.RoleAnswer, permission=READ, etag=roles.etag)
    def get(self, role_id: int) -> Role:
        """One role."""
        return roles.find(role_id, actor=self.actor)

    @operation(permission=MODIFY)
    def delete(self, role_id: int) -> None:
        """Delete a role that no workflow names."""
        roles.delete(role_id, actor=self.actor)


class RoleIdentities(View):
    @operation(answer=list[shapes.RoleMember], permission=READ)
    def get(self, role_id: int) -> list[User]:
        """The members of a role."""
        return list(roles.find(role_id, actor=self.actor).members.order_by("username"))

    @operation(body=shapes.RoleMembers, answer=list[shapes.RoleMember], permission=MODIFY, if_match=True)
    def put(self, role_id: int, body: dict[str, Any], expected: str | None) -> list[User]:
        """Make exactly these users members of a role."""
        role = roles.set_members(role_id, body["ids"], actor=self.actor, expected=expected)
        return list(role.members.order_by("username"))


class RoleCopy(View):
    @operation(body=shapes.RoleCopy, answer=shapes.RoleAnswer, permission=MODIFY)
    def post(self, role_id: int, body: dict[str, Any]) -> Role:
        """Create a role with the permissions and members of another."""
        return roles.copy(role_id, actor=self.actor, **body)


class Identities(View):
    @listing(shapes.IdentityAnswer, fields=IDENTITIES, sort="AccountName", permission=READ)
    def get(self) -> QuerySet[User]:
        """Users with their roles."""
        return users.visible(self.actor)

    @operation(body=shapes.IdentityCreate, answer=shapes.IdentityAnswer, permission=MODIFY)
    def post(self, body: dict[str, Any]) -> User:
        """Create a user; without a password he cannot log in yet."""
        return users.create(actor=self.actor, **body)


class OneIdentity(View):
    @operation(answer=shapes.IdentityPermissions, permission=READ)
    def get(self, user_id: int) -> dict[str, Any]:
        """What a user may do, and by which roles."""
        user = users.find(user_id, actor=self.actor)
        granted = _granted(user)
        collections = [
            each for each in granted if each["permission"].startswith("/certificates/collections/")
        ]
        return {
            "identity": user.account_name,
            "secured_area_permissions": [each for each in granted if each not in collections],
            "collection_permissions": collections,
            "container_permissions": [],
        }

    @operation(permission=MODIFY)
    def delete(self, user_id: int) -> None:
        """Disable a user; what he did stays under his name."""
        users.set_active(user_id, False, actor=self.actor)


class IdentityLookup(View):
    @operation(query=shapes.AccountQuery, answer=shapes.Lookup, permission=READ)
    def get(self, query: dict[str, Any]) -> dict[str, bool]:
        """Whether there is a user with this name."""
        return {"valid": users.exists(query["account_name"], actor=self.actor)}


class My(View):
    @operation(answer=shapes.Me)
    def get(self) -> dict[str, Any]:
        """The caller: roles and permissions."""
        held = sorted(text for text in TREE if self.actor.may(text))
        pairs = [area_and_permission(text).split(" - ") for text in held]
        names = (
            Role.objects.filter(pk__in=self.actor.role_ids).order_by("name").values_list("name", flat=True)
        )
        return {
            "id": self.actor.user_id,
            "account_name": self.actor.name,
            "roles": list(names),
            "global_permissions": [{"area": area, "permission": name} for area, name in pairs],
            "permissions": held,
        }


class Permissions(View):
    @operation(answer=list[str], permission=READ)
    def get(self) -> list[str]:
        """Every access-control string that a role may hold."""
        return list(TREE)


def _values(body: dict[str, Any]) -> dict[str, Any]:
    """Members are named in `Identities`; the rest are the role's own values."""
    identities = body.pop("identities", None)
    if identities is None:
        return body
    names = [identity["account_name"] for identity in identities if identity.get("account_name")]
    return body | {"members": roles.users_named(names)}


def _granted(user: User) -> list[dict[str, Any]]:
    by: dict[str, list[str]] = {}
    for role in user.roles.all():
        for text in role.permissions if role.enabled else ():
            by.setdefault(text, []).append(role.name)
    return [{"permission": text, "granted_by_roles": sorted(by[text])} for text in sorted(by)]


routes = [
    route("Security/Roles", Roles),
    route("Security/Roles/<int:role_id>", OneRole),
    route("Security/Roles/<int:role_id>/Copy", RoleCopy),
    route("Security/Roles/<int:role_id>/Identities", RoleIdentities),
    route("Security/Identities", Identities),
    route("Security/Identities/Lookup", IdentityLookup),
    route("Security/Identities/<int:user_id>", OneIdentity),
    route("Security/My", My),
    route("Permissions", Permissions),
]
