"""API tokens of users: made for a service, shown once, ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.forms.users import TokenForm
from portal.requests import PortalRequest
from portal.saving import Saving
from portal.views.user_forms import form_page
from portal.views.users import MODIFY
from workflows.access import policies
from workflows.actions import api_tokens, users
from workflows.encryption import Secret
from workflows.models import ApiToken

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@_form_page
def user_token_new(request: PortalRequest, user_id: int) -> HttpResponse:
    """A token for a service; people make their own on their account page."""
    policies.require(request.actor, MODIFY)
    found = users.find(user_id, actor=request.actor)
    form = TokenForm(request.POST or None, permissions=request.actor.permissions)
    saving = Saving(form)
    made: list[tuple[ApiToken, Secret[str]]] = []

    def make() -> None:
        values = {name: form.cleaned_data[name] for name in ("name", "scopes")}
        made.append(
            api_tokens.create(actor=request.actor, user_id=user_id, expires_at=form.expires_at, **values)
        )

    if saving.is_done(make):
        token, text = made[0]
        return token_page(request, token, text, reverse("portal:user", args=[user_id]))
    return form_page(request, found, saving, _("New API token"), _("Make the token"))


@never_cache
@_form_page
def user_token_end(request: PortalRequest, user_id: int, token_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    users.find(user_id, actor=request.actor)
    return end_token(request, token_id, reverse("portal:user", args=[user_id]))


def end_token(request: PortalRequest, token_id: int, back: str) -> HttpResponse:
    """Confirm and end a token, one's own or another's by right."""
    token = api_tokens.visible(request.actor).filter(pk=token_id).first()

    def carry_out(force: bool) -> HttpResponse:
        api_tokens.delete(token_id, actor=request.actor)
        messages.success(request, _("The token has ended."))
        return HttpResponseRedirect(back)

    if token is None:
        return carry_out(False)  # says that there is none
    confirmation = Confirmation(
        question=_("End this API token?"),
        subject=f"{token.name} · {token.prefix}…",
        consequences=[_("Programs that use it are refused from now on.")],
        submit_label=_("End it"),
        cancel_url=back,
        is_destructive=True,
    )
    return confirm(request, confirmation, carry_out)


def token_page(request: PortalRequest, token: ApiToken, text: Secret[str], back: str) -> HttpResponse:
    """The one page that ever shows the token."""
    context = {"found": token, "token": text.reveal(), "back": back}
    return show(request, "account/token.html", context, status=201)
