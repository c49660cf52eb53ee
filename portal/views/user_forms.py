"""Administration → Users: forms that make and change a user."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.forms.users import NewUserForm, PasswordForm, PersonForm
from portal.messages import blame, status_of
from portal.requests import PortalRequest
from portal.saving import Saving
from portal.views.users import MODIFY, to_list
from workflows.access import policies
from workflows.actions import users
from workflows.encryption import Secret
from workflows.errors import DomainError, DuplicateKey, InvalidInput, WrongState
from workflows.models import User

_form_page = require_http_methods(["GET", "HEAD", "POST"])


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
    return form_page(request, found, saving, _("Edit user"), _("Save"))


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
    return form_page(request, found, saving, _("Replace the password"), _("Replace it"))


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


def form_page(
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
