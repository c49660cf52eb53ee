"""Roles, identities, users and tokens (api-contract.md, 6, Security)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from workflows.api.serializers.base import Integer, Serializer, Text
from workflows.encryption import Secret
from workflows.models import Role, User

GLOBAL_PERMISSION_SET = "6d1a2f00-0000-4000-8000-000000000001"
"""Every role belongs to the one set that holds `/`; clients send it back as they got it."""


class PasswordField(Text):
    """Goes in and never comes out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"write_only": True, "trim_whitespace": False, "max_length": 1000} | kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return Secret(value) if isinstance(value, str) else value


class FilePasswordField(PasswordField):
    """Protects a file; OpenSSL takes at most 1,023 octets."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 255} | kwargs)


class IdentityIdentifier(Serializer):
    AccountName = Text(allow_null=True, required=False, max_length=200)


class RoleIdentity(Serializer):
    """A member as a role shows it."""

    Id = Integer(source="pk")
    AccountName = Text(allow_null=True)
    IdentityType = serializers.SerializerMethodField()
    SID = Text(default=None, allow_null=True)

    def get_IdentityType(self, user: User) -> str:  # noqa: N802
        return "Service" if user.is_service else "User"


class RoleAnswer(Serializer):
    Id = Integer(source="pk")
    Name = Text()
    Description = Text()
    EmailAddress = Text()
    Enabled = serializers.BooleanField()
    Immutable = serializers.BooleanField()
    Valid = serializers.BooleanField(default=True)
    Private = serializers.BooleanField()
    PermissionSetId = serializers.SerializerMethodField()
    Permissions = serializers.ListField(child=Text())
    Identities = RoleIdentity(source="members.all", many=True)

    def get_PermissionSetId(self, role: Role) -> str:  # noqa: N802
        return GLOBAL_PERMISSION_SET


class RoleCreate(Serializer):
    """Fields of both versions of the reference; of identities, the account names count."""

    Name = Text(max_length=128)
    Description = Text(max_length=512, allow_blank=True)
    EmailAddress = serializers.EmailField(required=False, allow_blank=True, allow_null=True)
    Enabled = serializers.BooleanField(default=True)
    Private = serializers.BooleanField(default=False)
    Permissions = serializers.ListField(child=Text(), required=False, allow_null=True)
    Identities = IdentityIdentifier(many=True, required=False, allow_null=True)
    Claims = serializers.ListField(required=False, allow_null=True)

    def validate_EmailAddress(self, value: str | None) -> str:  # noqa: N802
        return value or ""

    def validate_Claims(self, value: list[Any] | None) -> None:  # noqa: N802
        if value:
            raise serializers.ValidationError("There are no claims here; name members in Identities.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop("claims", None)
        return {name: value for name, value in attrs.items() if value is not None}


class RoleUpdate(RoleCreate):
    """What is left out stays."""

    Id = Integer()
    Enabled = serializers.BooleanField(required=False)
    Private = serializers.BooleanField(required=False)


class RoleCopy(Serializer):
    Name = Text(max_length=128)
    Description = Text(max_length=512, allow_blank=True, default="")


class RoleMember(Serializer):
    Id = Integer(source="pk")
    Name = Text(source="account_name")


class RoleMembers(Serializer):
    Ids = serializers.ListField(child=Integer(), allow_empty=True)


class RoleName(Serializer):
    Id = Integer(source="pk")
    Name = Text()
    Description = Text()


class IdentityAnswer(RoleIdentity):
    Roles = RoleName(source="roles.all", many=True)
    Valid = serializers.BooleanField(source="is_active")


class IdentityCreate(Serializer):
    """The reference's AccountName; the rest is our own, for people who log in with a password."""

    AccountName = Text(max_length=200)
    Password = PasswordField(required=False)
    Email = serializers.EmailField(required=False, allow_blank=True)
    FullName = Text(required=False, allow_blank=True, max_length=200)
    IsService = serializers.BooleanField(default=False)


class AccountQuery(Serializer):
    accountName = Text()  # noqa: N815


class Lookup(Serializer):
    Valid = serializers.BooleanField()


class GrantedPermission(Serializer):
    Permission = Text()
    GrantedByRoles = serializers.ListField(child=Text())


class IdentityPermissions(Serializer):
    Identity = Text()
    SecuredAreaPermissions = GrantedPermission(many=True)
    CollectionPermissions = GrantedPermission(many=True)
    ContainerPermissions = GrantedPermission(many=True)


class UserAnswer(Serializer):
    Id = Integer(source="pk")
    AccountName = Text()
    FullName = Text()
    Email = Text()
    IsActive = serializers.BooleanField()
    IsService = serializers.BooleanField()
    TimeZone = Text()
    CreatedAt = serializers.DateTimeField()
    LastLogin = serializers.DateTimeField(allow_null=True)
    Roles = RoleName(source="roles.all", many=True)


class UserUpdate(Serializer):
    """What is left out stays."""

    Id = Integer()
    Email = serializers.EmailField(required=False, allow_blank=True)
    FullName = Text(required=False, allow_blank=True, max_length=200)
    IsService = serializers.BooleanField(required=False)
    TimeZone = Text(required=False, max_length=64)


class NewPassword(Serializer):
    Password = PasswordField()


class TokenAnswer(Serializer):
    Id = Integer(source="pk")
    Name = Text()
    AccountName = Text(source="user.account_name")
    Prefix = Text(help_text="The first characters, to tell tokens apart.")
    Scopes = serializers.ListField(child=Text())
    CreatedAt = serializers.DateTimeField()
    ExpiresAt = serializers.DateTimeField(allow_null=True)
    LastUsedAt = serializers.DateTimeField(allow_null=True)


class NewToken(TokenAnswer):
    Token = Text(help_text="Shown this once.")


class TokenCreate(Serializer):
    Name = Text(max_length=100)
    Scopes = serializers.ListField(child=Text(), default=list)
    ExpiresAt = serializers.DateTimeField(allow_null=True, default=None)
    UserId = Integer(allow_null=True, default=None, help_text="A service user; absent: the caller.")


class GlobalPermission(Serializer):
    Area = Text()
    Permission = Text()


class Me(Serializer):
    """The reference's Roles and GlobalPermissions, and our own Id, AccountName and Permissions."""

    Id = Integer()
    AccountName = Text()
    Roles = serializers.ListField(child=Text())
    GlobalPermissions = GlobalPermission(many=True)
    Permissions = serializers.ListField(child=Text())
