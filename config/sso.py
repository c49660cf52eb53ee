"""Single sign-on and second factor: parts of django-allauth, and the issuer of the settings."""

from __future__ import annotations

from dataclasses import dataclass

from config import env
from workflows.connectors.safe_urls import is_safe

# Their tables always exist, so that a setting alone turns the one or the other on.
APPS = ["allauth", "allauth.account", "allauth.mfa", "allauth.socialaccount"]


@dataclass(frozen=True)
class Issuer:
    """An OpenID Connect provider, and what we are to it; without a `url` there is no single sign-on."""

    url: str
    client_id: str
    client_secret: str
    name: str
    role_claim: str
    creates_users: bool


def issuer() -> Issuer:
    """The issuer of the settings. Raises SettingError for one without TLS or without our name there."""
    url = env.OIDC_ISSUER_URL.read().rstrip("/")
    client_id, secret = env.OIDC_CLIENT_ID.read(), env.OIDC_CLIENT_SECRET.read()
    if url and not is_safe(url):
        raise env.SettingError("OIDC_ISSUER_URL must be an https address; http is for loopback only.")
    if url and not client_id:
        raise env.SettingError("OIDC_CLIENT_ID is not set, but OIDC_ISSUER_URL is.")
    return Issuer(
        url, client_id, secret, env.OIDC_NAME.read(), env.OIDC_ROLE_CLAIM.read(), env.OIDC_CREATE_USERS.read()
    )
