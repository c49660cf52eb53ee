"""Administration → Roles → one role: who holds it."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.confirming import Confirmation, confirm
from portal.context import show_bare
from portal.requests import PortalRequest
from portal.views.roles import MODIFY, members_form, role_page, to_list
from workflows.access import policies
from workflows.actions import roles, users
from workflows.errors import InvalidInput, NotFound

SUGGESTED = 10
_LAST = re.compile(r"[^,;]*$")  # what a person is just typing


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def role_members_add(request: PortalRequest, role_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = roles.find(role_id, actor=request.actor)
    if request.method != "POST":
        return _to_role(role_id)
    form = members_form(found, request.POST)
    if not form.is_valid():
        return role_page(request, found, form, status=400)
    try:
        added = roles.add_members(role_id, form.names, actor=request.actor)
    except InvalidInput as error:
        form.add_error("users", str(error))
        return role_page(request, found, form, status=400)
    messages.success(request, _said(len(added)))
    return _to_role(role_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def role_member_remove(request: PortalRequest, role_id: int, user_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = roles.find(role_id, actor=request.actor)
    person = users.find(user_id, actor=request.actor)

    def carry_out(force: bool) -> HttpResponse:
        roles.remove_member(role_id, user_id, actor=request.actor)
        messages.success(request, _("%(user)s is no member any more.") % {"user": person.account_name})
        return _to_role(role_id)

    if not found.members.filter(pk=user_id).exists():
        raise NotFound(_("%(user)s is no member of this role.") % {"user": person.account_name})
    confirmation = Confirmation(
        question=_("Take the role %(role)s from this user?") % {"role": found.name},
        subject=" · ".join(filter(None, (person.account_name, person.full_name))),
        consequences=[_("He loses at once what only this role granted him. What he decided stays.")],
        submit_label=_("Remove"),
        cancel_url=reverse("portal:role", args=[role_id]),
        is_destructive=True,
        breadcrumbs=[to_list(), (found.name, reverse("portal:role", args=[role_id]))],
    )
    return confirm(request, confirmation, carry_out)


@require_safe
def role_members_suggest(request: PortalRequest, role_id: int) -> HttpResponse:
    """Options for the name that is being typed; what stands before it is kept."""
    found = roles.find(role_id, actor=request.actor)
    typed = request.GET.get("users", "")
    match = _LAST.search(typed)
    last = match[0] if match else ""
    before, part = typed.removesuffix(last), last.strip()
    people = roles.candidates(found, part)[:SUGGESTED] if part else ()
    context = {"people": people, "before": f"{before} " if before else ""}
    return show_bare(request, "administration/suggested_users.html", context)


def _said(number: int) -> str:
    if not number:
        return _("They were members already.")
    return ngettext("%(n)d member added.", "%(n)d members added.", number) % {"n": number}


def _to_role(role_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:role", args=[role_id]))
