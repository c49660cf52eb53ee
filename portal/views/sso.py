"""The way to the issuer and back; without an issuer in the settings there are no such pages."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import requests
import structlog
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import held_forms
from portal.context import show_bare
from portal.entrance import own_path
from portal.requests import public
from portal.sso import Endpoint, refused

log = structlog.get_logger(__name__)
_ISSUER = "sso"


def ways(path: str) -> list[dict[str, str]]:
    """What the log-in page offers beside a password; `path` is where to go afterwards."""
    if not settings.OIDC.url:
        return []
    query = f"?{urlencode({'next': path})}" if path else ""
    label = _("Log in with %(name)s") % {"name": settings.OIDC.name}
    return [{"label": label, "url": reverse("portal:sso_start") + query}]


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """To the issuer; by POST with a form that came too late, which waits in the session."""
    _require_issuer()
    if request.method == "POST":
        return _with_form(request)
    provider = get_adapter().get_provider(request, _ISSUER)
    path = own_path(request.GET.get("next", ""))
    return _unless_unreachable(request, lambda: provider.redirect(request, AuthProcess.LOGIN, next_url=path))


@public
@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    _require_issuer()
    view = OAuth2CallbackView.adapter_view(Endpoint(request, _ISSUER))
    return _unless_unreachable(request, lambda: view(request))


def _with_form(request: HttpRequest) -> HttpResponse:
    """A page with the link to the issuer: a form may not lead to another site itself (`form-action`)."""
    held_forms.keep(request)
    context = {"other_ways": ways(own_path(request.POST.get("next", "")))}
    return show_bare(request, "account_security/onward.html", context)


def _require_issuer() -> None:
    if not settings.OIDC.url:
        raise Http404


def _unless_unreachable(request: HttpRequest, step: Callable[[], HttpResponse]) -> HttpResponse:
    """An issuer that is down or answers nonsense is no fault of ours, and passwords still work."""
    try:
        return step()
    except (requests.RequestException, KeyError, ValueError) as error:
        log.warning("single_sign_on_failed", error=type(error).__name__)
        return refused(request, _("%(name)s cannot be reached now.") % {"name": settings.OIDC.name}, 503)
