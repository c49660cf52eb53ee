"""The second step of a log-in, and the page where one adds it to one's own account or takes it away."""

from __future__ import annotations

import base64

import qrcode
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from qrcode.image.svg import SvgPathFillImage

from portal import held_forms
from portal.context import show, show_bare
from portal.entrance import enter
from portal.messages import status_of
from portal.requests import PortalRequest, public, sent_from
from workflows.access import second_factors as factors
from workflows.actions import second_factors, sessions
from workflows.errors import DomainError, NotAuthenticated, TooManyAttempts
from workflows.models import User

_OWING, _SECRET = "owes_a_code", "new_second_factor"
_OWES_FOR_SECONDS = 5 * 60
_form_page = require_http_methods(["GET", "HEAD", "POST"])


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autofocus": True}
        ),
    )


def ask(request: HttpRequest, user: User, path: str, held: str = "") -> HttpResponse:
    """To the second step; the session remembers for five minutes whose password was right, and which one."""
    request.session.cycle_key()
    owing = {"user": user.pk, "hash": user.get_session_auth_hash(), "at": timezone.now().timestamp()}
    request.session[_OWING] = {**owing, "next": path, "held": held if held_forms.opened(held) else ""}
    return HttpResponseRedirect(reverse("portal:login_code"))


@public
@never_cache
@_form_page
def log_in_code(request: HttpRequest) -> HttpResponse:
    user = _owing(request)
    if user is None:
        return HttpResponseRedirect(reverse("portal:login"))
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return show_bare(request, "account_security/code.html", {"form": form}, status=_bad(request))
    try:
        sessions.confirm(user, form.cleaned_data["code"], address=_address(request), now=timezone.now())
    except (NotAuthenticated, TooManyAttempts) as error:
        form.add_error("code", str(error))
        return show_bare(request, "account_security/code.html", {"form": form}, status=status_of(error))
    owing = request.session.pop(_OWING)
    return enter(request, user, owing["next"], owing["held"])


@never_cache
@_form_page
def own_second_factor(request: PortalRequest) -> HttpResponse:
    if not settings.SECOND_FACTOR:
        raise Http404
    if factors.is_enrolled(request.user):
        return _page(request, CodeForm())
    secret = request.session.setdefault(_SECRET, factors.new_secret())
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return _page(request, form, secret, status=_bad(request))
    try:
        codes = second_factors.add(request.user, secret, form.cleaned_data["code"], actor=request.actor)
    except NotAuthenticated as error:
        form.add_error("code", str(error))
        return _page(request, form, secret, status=400)
    del request.session[_SECRET]
    return show(request, "account_security/recovery_codes.html", {"codes": codes})


@never_cache
@sent_from("portal:account_second_factor")
def second_factor_end(request: PortalRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    code, now = form.cleaned_data["code"], timezone.now()
    try:
        second_factors.end(request.user, code, actor=request.actor, address=_address(request), now=now)
    except (NotAuthenticated, TooManyAttempts) as error:
        form.add_error("code", str(error))
        return _page(request, form, status=_refused(error))
    messages.success(request, _("Your password alone opens your account from now on."))
    return HttpResponseRedirect(reverse("portal:account"))


def _owing(request: HttpRequest) -> User | None:
    """Whose password was right in this browser a moment ago, unless it was replaced since."""
    owing = request.session.get(_OWING)
    if owing is None or timezone.now().timestamp() - owing["at"] > _OWES_FOR_SECONDS:
        return None
    user = User.objects.filter(pk=owing["user"], is_active=True).first()
    return user if user and user.get_session_auth_hash() == owing["hash"] else None


def _page(request: PortalRequest, form: CodeForm, secret: str = "", *, status: int = 200) -> HttpResponse:
    picture = _picture(factors.address_of(secret, request.user)) if secret else ""
    context = {"form": form, "secret": secret, "picture": picture}
    return show(request, "account_security/second_factor.html", context, status=status)


def _picture(text: str) -> str:
    """A QR code on white, whatever the theme, as a data address."""
    drawn = qrcode.make(text, image_factory=SvgPathFillImage).to_string()
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"


def _bad(request: HttpRequest) -> int:
    return 400 if request.method == "POST" else 200


def _refused(error: DomainError) -> int:
    return 400 if isinstance(error, NotAuthenticated) else status_of(error)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
