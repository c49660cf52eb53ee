"""One's own account: password, time zone, sessions, API tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.context import THEME_AGE, THEMES, show
from portal.forms.users import OwnPasswordForm, TokenForm, zone_choices
from portal.messages import blame, status_of
from portal.requests import PortalRequest, sent_from
from portal.views.user_tokens import end_token, token_page
from workflows.actions import account, api_tokens
from workflows.encryption import Secret
from workflows.errors import DomainError, InvalidInput, NotAuthenticated, TooManyAttempts
from workflows.models import Role

_form_page = require_http_methods(["GET", "HEAD", "POST"])


class ZoneForm(forms.Form):
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zone_choices)


@never_cache
@require_safe
def own_account(request: PortalRequest) -> HttpResponse:
    return _page(request, ZoneForm(initial={"time_zone": request.user.time_zone}))


@never_cache
@sent_from("portal:account")
def account_time_zone(request: PortalRequest) -> HttpResponse:
    form = ZoneForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    account.set_time_zone(form.cleaned_data["time_zone"], actor=request.actor)
    messages.success(request, _("Times are shown in your time zone from now on."))
    return _back()


@sent_from("portal:account")
def account_theme(request: PortalRequest) -> HttpResponse:
    """Keeps the choice in the browser, as the menu does with scripts; anything unknown is the system's."""
    chosen, response = request.POST.get("theme", ""), _back()
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=THEME_AGE, secure=request.is_secure(), samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@never_cache
@_form_page
def account_password(request: PortalRequest) -> HttpResponse:
    form = OwnPasswordForm(request.POST or None)
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        try:
            user = account.change_password(
                form.cleaned_data["current"],
                Secret(form.cleaned_data["password"]),
                actor=request.actor,
                address=request.META.get("REMOTE_ADDR", ""),
                now=timezone.now(),
            )
        except NotAuthenticated:
            form.add_error("current", _("This is not your current password."))
        except DomainError as error:
            blame(form, error, {InvalidInput: "password", TooManyAttempts: "current"})
            status = status_of(error)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("Your password is replaced; your other sessions have ended."))
            return _back()
    return _form(request, form, _("Change password"), _("Change it"), status)


@never_cache
@sent_from("portal:account")
def account_sessions_end(request: PortalRequest) -> HttpResponse:
    key = request.session.session_key or ""
    ended = account.end_other_sessions(actor=request.actor, current_key=key, now=timezone.now())
    messages.success(request, _("Ended: %(number)d.") % {"number": ended})
    return _back()


@never_cache
@_form_page
def account_token_new(request: PortalRequest) -> HttpResponse:
    form = TokenForm(request.POST or None, permissions=request.actor.permissions)
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        try:
            token, text = api_tokens.create(
                actor=request.actor,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at,
            )
        except InvalidInput as error:
            form.add_error("expires_on" if "ExpiresAt" in str(error) else None, str(error))
        else:
            return token_page(request, token, text, reverse("portal:account"))
    return _form(request, form, _("New API token"), _("Make the token"), status)


@never_cache
@_form_page
def account_token_end(request: PortalRequest, token_id: int) -> HttpResponse:
    return end_token(request, token_id, reverse("portal:account"))


def _page(request: PortalRequest, form: ZoneForm, *, status: int = 200) -> HttpResponse:
    key = request.session.session_key or ""
    context: dict[str, Any] = {
        "form": form,
        "user": request.user,
        "sessions": account.sessions(request.actor, current_key=key, now=timezone.now()),
        "tokens": list(api_tokens.visible(request.actor).filter(user=request.user)),
        "second_factor_is_offered": settings.SECOND_FACTOR,
        "roles": list(Role.objects.filter(members=request.user, enabled=True).order_by("name")),
    }
    return show(request, "account/account.html", context, status=status)


def _form(
    request: PortalRequest, form: forms.Form, heading: str, submit_label: str, status: int
) -> HttpResponse:
    context = {
        "heading": heading,
        "breadcrumbs": [(_("Your account"), reverse("portal:account"))],
        "form": form,
        "submit_label": submit_label,
        "cancel_url": reverse("portal:account"),
    }
    return show(request, "components/form_page.html", context, status=status)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:account"))
