"""Administration → Users."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import listing
from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.csv_files import csv_response
from portal.forms.users import NewUserForm, PasswordForm, PersonForm, TokenForm
from portal.listing import Choices, Filter, Sort
from portal.messages import blame, status_of
from portal.paging import page_of
from portal.requests import PortalRequest
from portal.saving import Saving
from workflows.access import policies
from workflows.actions import api_tokens, users
from workflows.encryption import Secret
from workflows.errors import DomainError, DuplicateKey, InvalidInput, WrongState
from workflows.models import ApiToken, User
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean, Integer
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.SECURITY_MODIFY
FIELDS = Fields(
    [
        Field("AccountName", "username"),
        Field("FullName", "full_name"),
        Field("Email", "email"),
        Field("Active", "is_active", Boolean()),
        Field("Service", "is_service", Boolean()),
        Field("Id", "pk", Integer()),
    ]
)
SEARCHED: Choices = (
    ("AccountName", gettext_lazy("User name")),
    ("FullName", gettext_lazy("Full name")),
    ("Email", gettext_lazy("E-mail")),
    ("Active", gettext_lazy("Active")),
)
HEADINGS = ("AccountName", "FullName", "Email", "Active", "Service", "Roles")
_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def user_list(request: PortalRequest) -> HttpResponse:
    wanted, found, sort = _listed(request)
    page, rows = page_of(found, request.GET)
    context = {
        "rows": rows,
        "page": page,
        "sort": sort,
        "filter": wanted,
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/users.html", context, status=400 if wanted.error else 200)


@require_safe
def user_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it."""
    found = _listed(request)[1][: listing.EXPORTED]
    return csv_response("users.csv", HEADINGS, map(_line, found.iterator(chunk_size=500)))


@require_safe
def user(request: PortalRequest, user_id: int) -> HttpResponse:
    found = users.find(user_id, actor=request.actor)
    return _page(request, found)


@never_cache
@_form_page
def user_new(request: PortalRequest) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    form = NewUserForm(request.POST or None)
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        values = dict(form.cleaned_data)
        password = values.pop("password")
        try:
            made = users.create(
                actor=request.actor, password=Secret(password) if password else None, **values
            )
        except DomainError as error:
            _blame(form, error)
            status = status_of(error)
        else:
            messages.success(request, _("The user is made. Roles say what he may do."))
            return _to_user(made.pk)
    context = {
        "heading": _("New user"),
        "breadcrumbs": [to_list()],
        "form": form,
        "submit_label": _("Make the user"),
        "cancel_url": reverse("portal:users"),
    }
    return show(request, "components/form_page.html", context, status=status)


@never_cache
@_form_page
def user_edit(request: PortalRequest, user_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = users.find(user_id, actor=request.actor)
    initial = {name: getattr(found, name) for name in users.EDITABLE}
    form = PersonForm(request.POST or None, initial=initial)
    saving = Saving(form, users.etag(found))
    if saving.is_done(
        lambda: users.update(user_id, actor=request.actor, expected=saving.expected, **form.cleaned_data)
    ):
        messages.success(request, _("Saved."))
        return _to_user(user_id)
    return _form(request, found, saving, _("Edit user"), _("Save"))


@never_cache
@_form_page
def user_password(request: PortalRequest, user_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = users.find(user_id, actor=request.actor)
    form = PasswordForm(request.POST or None)
    saving = Saving(form)
    if saving.is_done(
        lambda: users.set_password(user_id, Secret(form.cleaned_data["password"]), actor=request.actor),
        {InvalidInput: "password"},
    ):
        messages.success(request, _("The password is replaced; sessions with the old one have ended."))
        return _to_user(user_id)
    return _form(request, found, saving, _("Replace the password"), _("Replace it"))


@never_cache
@_form_page
def user_active(request: PortalRequest, user_id: int) -> HttpResponse:
    """Disable an active user, enable a disabled one."""
    policies.require(request.actor, MODIFY)
    found = users.find(user_id, actor=request.actor)

    state = "active" if found.is_active else "disabled"

    def carry_out(force: bool) -> HttpResponse:
        if request.POST.get("expected", state) != state:
            raise WrongState(_("Somebody has done so already."))
        users.set_active(user_id, not found.is_active, actor=request.actor)
        return _to_user(user_id)

    consequences = (
        [
            _("The user cannot log in any more, and his sessions and tokens stop working."),
            _("What he did and approved stays."),
        ]
        if found.is_active
        else [_("The user can log in again, with the roles that he has.")]
    )
    confirmation = Confirmation(
        question=_("Disable this user?") if found.is_active else _("Enable this user?"),
        subject=found.account_name,
        consequences=consequences,
        submit_label=_("Disable") if found.is_active else _("Enable"),
        cancel_url=reverse("portal:user", args=[user_id]),
        is_destructive=found.is_active,
        expected=state,
        breadcrumbs=[to_list()],
    )
    return confirm(request, confirmation, carry_out)


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
        return token_page(request, token.name, text, reverse("portal:user", args=[user_id]))
    return _form(request, found, saving, _("New API token"), _("Make the token"))


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


def token_page(request: PortalRequest, name: str, text: Secret[str], back: str) -> HttpResponse:
    """The one page that ever shows the token."""
    context = {"name": name, "token": text.reveal(), "back": back}
    return show(request, "account/token.html", context, status=201)


def _listed(request: PortalRequest) -> tuple[Filter, QuerySet[User], Sort]:
    wanted = listing.read_filter(
        request.GET, SEARCHED, url=reverse("portal:users"), example='Email -endswith "@keyexample.com"'
    )
    found, error = listing.apply(users.visible(request.actor), wanted, FIELDS, request.actor)
    found, sort = listing.ordered(found, request.GET, FIELDS, Sort("AccountName", descending=False))
    return replace(wanted, error=error), found, sort


def _line(row: User) -> list[object]:
    names = ", ".join(role.name for role in row.roles.all())
    return [row.account_name, row.full_name, row.email, row.is_active, row.is_service, names]


def to_list() -> tuple[str, str]:
    return _("Users"), reverse("portal:users")


def _page(request: PortalRequest, found: User) -> HttpResponse:
    context: dict[str, Any] = {
        "breadcrumbs": [to_list()],
        "found": found,
        "roles": list(found.roles.order_by("name")),
        "tokens": list(api_tokens.visible(request.actor).filter(user=found)),
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/user.html", context)


def _form(
    request: PortalRequest, found: User, saving: Saving, heading: str, submit_label: str
) -> HttpResponse:
    context = {
        "heading": heading,
        "lead": found.account_name,
        "breadcrumbs": [to_list(), (found.account_name, reverse("portal:user", args=[found.pk]))],
        "submit_label": submit_label,
        "cancel_url": reverse("portal:user", args=[found.pk]),
        **saving.context,
    }
    return show(request, "components/form_page.html", context, status=saving.status)


def _blame(form: Any, error: DomainError) -> None:
    is_password = str(error).startswith("Password")
    blame(
        form,
        error,
        {DuplicateKey: "account_name", InvalidInput: "password" if is_password else "account_name"},
    )


def _to_user(user_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:user", args=[user_id]))
