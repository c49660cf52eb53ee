"""django-allauth's OpenID Connect client, bound to the one issuer of the settings and to our own users."""

from __future__ import annotations

from typing import Any, NoReturn

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import held_forms
from portal.context import show_bare
from portal.entrance import enter
from portal.messages import status_of
from workflows.actions import single_sign_on
from workflows.actions.single_sign_on import Person
from workflows.connectors.safe_urls import is_safe
from workflows.errors import DomainError


class Calls(requests.Session):
    """Calls to the issuer: with TLS or on this machine, with a timeout, and never redirected."""

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        if not is_safe(str(url)):
            raise requests.exceptions.InvalidURL("The issuer names an address that is not https.")
        options |= {"timeout": app_settings.REQUESTS_TIMEOUT, "allow_redirects": False}
        return super().request(method, url, *args, **options)


class Endpoint(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Answers come back to our own address."""

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return f"{settings.PUBLIC_URL}{reverse('portal:sso_callback')}"


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """The issuer of the settings."""

    oauth2_adapter_class = Endpoint


class SingleSignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Ends the library's log-in where it would look for accounts of its own."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        issuer = settings.OIDC
        app = SocialApp(
            provider=Provider.id,
            provider_id=provider,
            name=issuer.name,
            client_id=issuer.client_id,
            secret=issuer.client_secret,
            settings={"server_url": issuer.url, "oauth_pkce_enabled": True},
        )
        return Provider(request, app=app)

    def get_requests_session(self) -> Calls:
        return Calls()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """The person's session begins here; nothing of the library's is stored."""
        try:
            user = single_sign_on.log_in(
                person_of(sociallogin.account.extra_data),
                creates_users=settings.OIDC.creates_users,
                address=request.META.get("REMOTE_ADDR", ""),
            )
        except DomainError as error:
            raise ImmediateHttpResponse(refused(request, str(error), status_of(error))) from None
        path = sociallogin.state.get("next", "")
        raise ImmediateHttpResponse(enter(request, user, path, held_forms.kept(request)))

    def on_authentication_error(self, request: HttpRequest, provider: Provider, **details: Any) -> NoReturn:
        raise ImmediateHttpResponse(refused(request, _("The log-in was not completed. Try again."), 401))


def person_of(data: dict[str, Any]) -> Person:
    """What both the ID token and the answer of the userinfo endpoint say of the same subject."""
    token, info = data.get("id_token", {}), data.get("userinfo", {})
    if token.get("sub") != info.get("sub"):  # OpenID Connect Core, 5.3.2
        return Person("", "", "", None)
    claims = {**token, **info}
    verified = [each.get("email") for each in (info, token) if each.get("email_verified") is True]
    return Person(
        str(claims.get("preferred_username") or ""),
        str((verified and verified[0]) or ""),
        str(claims.get("name") or ""),
        _roles(claims),
    )


def _roles(claims: dict[str, Any]) -> frozenset[str] | None:
    """The names of the claim, a list or one text; a claim that is not there names none."""
    if not settings.OIDC.role_claim:
        return None
    named = claims.get(settings.OIDC.role_claim) or []
    return frozenset(map(str, named if isinstance(named, list) else [named]))


def refused(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    """Why single sign-on did not let somebody in, and the way back."""
    return show_bare(request, "account_security/refused.html", {"reason": reason}, status=status)
