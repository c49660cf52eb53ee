"""Administration → Roles."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import listing
from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.forms.choices import user_choices
from portal.forms.permissions import tree
from portal.forms.roles import RoleForm
from portal.listing import Choices, Sort
from portal.messages import blame, status_of
from portal.paging import page_of
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import roles
from workflows.errors import DomainError, DuplicateKey
from workflows.models import User
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.SECURITY_MODIFY
FIELDS = Fields(
    [
        Field("Name", "name"),
        Field("Description", "description"),
        Field("EmailAddress", "email_address"),
        Field("Enabled", "enabled", Boolean()),
    ]
)
SEARCHED: Choices = (
    ("Name", gettext_lazy("Name")),
    ("Description", gettext_lazy("Description")),
    ("EmailAddress", gettext_lazy("E-mail")),
    ("Enabled", gettext_lazy("Enabled")),
)
_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def role_list(request: PortalRequest) -> HttpResponse:
    wanted = listing.read_filter(
        request.GET, SEARCHED, url=reverse("portal:roles"), example='Name -contains "approv"'
    )
    rows = roles.visible(request.actor).prefetch_related(None).annotate(member_count=Count("members"))
    found, error = listing.apply(rows, wanted, FIELDS, request.actor)
    found, sort = listing.ordered(found, request.GET, FIELDS, Sort("Name", descending=False))
    page, shown = page_of(found, request.GET)
    context = {
        "rows": shown,
        "page": page,
        "sort": sort,
        "filter": replace(wanted, error=error),
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/roles.html", context, status=400 if error else 200)


@require_safe
def role(request: PortalRequest, role_id: int) -> HttpResponse:
    found = roles.find(role_id, actor=request.actor)
    context = {
        "breadcrumbs": [to_list()],
        "found": found,
        "members": sorted(found.members.all(), key=lambda member: member.username),
        "nodes": [node for node in tree(found.permissions) if node.is_held],
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/role.html", context)


@never_cache
@_form_page
def role_new(request: PortalRequest) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    form = RoleForm(request.POST if request.method == "POST" else None, users=user_choices())
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        members = User.objects.filter(pk__in=form.cleaned_data["members"])
        try:
            made = roles.create(actor=request.actor, members=members, **form.values)
        except DomainError as error:
            blame(form, error, {DuplicateKey: "name"})
            status = status_of(error)
        else:
            messages.success(request, _("The role is made."))
            return _to_role(made.pk)
    context = {"breadcrumbs": [to_list()], "form": form, "cancel_url": reverse("portal:roles")}
    return show(request, "administration/role_form.html", context, status=status)


@never_cache
@_form_page
def role_edit(request: PortalRequest, role_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = roles.find(role_id, actor=request.actor)
    initial = {name: getattr(found, name) for name in ("name", "description", "email_address", "enabled")}
    form = RoleForm(
        request.POST if request.method == "POST" else None,
        users=user_choices(),
        held=found.permissions,
        is_immutable=found.immutable,
        initial=initial | {"members": [member.pk for member in found.members.all()]},
    )
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        members = User.objects.filter(pk__in=form.cleaned_data["members"])
        try:
            roles.update(role_id, actor=request.actor, members=members, **form.values)
        except DomainError as error:
            blame(form, error, {DuplicateKey: "name"})
            status = status_of(error)
        else:
            messages.success(request, _("Saved; it holds from the next page on that each member opens."))
            return _to_role(role_id)
    context = {
        "breadcrumbs": [to_list(), (found.name, reverse("portal:role", args=[role_id]))],
        "form": form,
        "found": found,
        "cancel_url": reverse("portal:role", args=[role_id]),
    }
    return show(request, "administration/role_form.html", context, status=status)


@never_cache
@_form_page
def role_delete(request: PortalRequest, role_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = roles.find(role_id, actor=request.actor)

    def carry_out(force: bool) -> HttpResponse:
        roles.delete(role_id, actor=request.actor)
        messages.success(request, _("The role is deleted."))
        return HttpResponseRedirect(reverse("portal:roles"))

    confirmation = Confirmation(
        question=_("Delete this role?"),
        subject=found.name,
        consequences=[_("Its members lose what only this role granted them.")],
        submit_label=_("Delete"),
        cancel_url=reverse("portal:role", args=[role_id]),
        is_destructive=True,
        breadcrumbs=[to_list()],
    )
    return confirm(request, confirmation, carry_out)


def to_list() -> tuple[str, str]:
    return _("Roles"), reverse("portal:roles")


def _to_role(role_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:role", args=[role_id]))
