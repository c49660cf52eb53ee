"""People, roles and API tokens (events-security-audit.md, 2.3)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=bare_name(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=bare_name(username or ""))


class User(AbstractBaseUser):
    """A person, or a machine when `is_service` is set; only persons count as approvers."""

    username = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("username"), name="user_name_is_unique")]

    @property
    def account_name(self) -> str:
        r"""`DOMAIN\name`, as every page and answer shows a user (D18)."""
        return account_name(self.username)


class Role(models.Model):
    """A named set of permission strings and the people who hold them."""

    name = models.CharField(max_length=128)
    description = models.CharField(max_length=512, blank=True)
    email_address = models.EmailField(blank=True)
    permissions = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    immutable = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    private = models.BooleanField(default=False)
    members = models.ManyToManyField(User, related_name="roles", blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="role_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A bearer token; only its keyed hash is stored, the text is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)


class LoginFailures(models.Model):
    """Wrong passwords for one name or address within a window; read before any hashing."""

    subject = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField()


def account_name(username: str) -> str:
    return f"{settings.DOMAIN_NAME}\\{username}"


def bare_name(text: str) -> str:
    r"""`name` of `DOMAIN\name`; a bare name stays as it is (D18)."""
    domain, separator, name = text.partition("\\")
    if separator and domain.casefold() == settings.DOMAIN_NAME.casefold():
        return name
    return text
