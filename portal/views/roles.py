"""Administration → Roles."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import listing
from portal.comparisons import Choices
from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.csv_files import csv_response
from portal.forms.permissions import tree
from portal.forms.roles import MembersForm, RoleForm
from portal.listing import Filter, Sort
from portal.paging import page_of
from portal.requests import PortalRequest
from portal.saving import Saving
from workflows.access import policies
from workflows.actions import roles
from workflows.errors import DuplicateKey, Protected
from workflows.models import Role
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.SECURITY_MODIFY
MEMBERS = 50  # on one page
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
HEADINGS = ("Name", "Description", "EmailAddress", "Enabled", "Members", "Permissions")
_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def role_list(request: PortalRequest) -> HttpResponse:
    wanted, found, sort = _listed(request)
    page, shown = page_of(found, request.GET)
    context = {
        "rows": shown,
        "page": page,
        "sort": sort,
        "filter": wanted,
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/roles.html", context, status=400 if wanted.error else 200)


@require_safe
def role_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it, with what each role may do."""
    wanted, found, _sort = _listed(request)
    return csv_response("roles.csv", HEADINGS, found, partial(map, _line), error=wanted.error)


@require_safe
def role(request: PortalRequest, role_id: int) -> HttpResponse:
    return role_page(request, roles.find(role_id, actor=request.actor))


def role_page(
    request: PortalRequest, found: Role, adding: MembersForm | None = None, status: int = 200
) -> HttpResponse:
    """The role; `adding` is the form for more members as it was sent and refused."""
    member = request.GET.get("member", "").strip()
    page, members = page_of(roles.members_of(found, member), request.GET, size=MEMBERS)
    context = {
        "breadcrumbs": [to_list()],
        "found": found,
        "members": members,
        "page": page,
        "member": member,
        "is_long": bool(member) or page.paginator.count > MEMBERS,
        "adding": adding or members_form(found),
        "nodes": [node for node in tree(found.permissions) if node.is_held],
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/role.html", context, status=status)


def members_form(found: Role, given: QueryDict | None = None) -> MembersForm:
    return MembersForm(given, suggestions_url=reverse("portal:role_members_suggest", args=[found.pk]))


@never_cache
@_form_page
def role_new(request: PortalRequest) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    form = RoleForm(request.POST if request.method == "POST" else None)
    saving = Saving(form)
    made: list[Role] = []
    if saving.is_done(
        lambda: made.append(roles.create(actor=request.actor, **form.cleaned_data)), {DuplicateKey: "name"}
    ):
        messages.success(request, _("The role is made; now add its members."))
        return _to_role(made[0].pk)
    context = {"breadcrumbs": [to_list()], "cancel_url": reverse("portal:roles"), **saving.context}
    return show(request, "administration/role_form.html", context, status=saving.status)


@never_cache
@_form_page
def role_edit(request: PortalRequest, role_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = roles.find(role_id, actor=request.actor)
    if found.immutable:
        raise Protected(_("This role is built in: only its members can be changed."))
    form = RoleForm(request.POST if request.method == "POST" else None, role=found)
    saving = Saving(form, roles.etag(found))
    if saving.is_done(
        lambda: roles.update(role_id, actor=request.actor, expected=saving.expected, **form.cleaned_data),
        {DuplicateKey: "name"},
    ):
        messages.success(request, _("Saved; it holds from the next page on that each member opens."))
        return _to_role(role_id)
    context = {
        "breadcrumbs": [to_list(), (found.name, reverse("portal:role", args=[role_id]))],
        "found": found,
        "cancel_url": reverse("portal:role", args=[role_id]),
        **saving.context,
    }
    return show(request, "administration/role_form.html", context, status=saving.status)


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


def _listed(request: PortalRequest) -> tuple[Filter, QuerySet[Role], Sort]:
    wanted = listing.read_filter(
        request.GET, SEARCHED, FIELDS, place="portal:roles", example='Name -contains "approv"'
    )
    rows = roles.visible(request.actor).prefetch_related(None).annotate(member_count=Count("members"))
    found, error = listing.apply(rows, wanted, FIELDS, request.actor)
    found, sort = listing.ordered(found, request.GET, FIELDS, Sort("Name", descending=False))
    return replace(wanted, error=error), found, sort


def _line(row: Role) -> list[object]:
    members: int = row.member_count  # type: ignore[attr-defined]
    return [row.name, row.description, row.email_address, row.enabled, members, " ".join(row.permissions)]


def to_list() -> tuple[str, str]:
    return _("Roles"), reverse("portal:roles")


def _to_role(role_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:role", args=[role_id]))
