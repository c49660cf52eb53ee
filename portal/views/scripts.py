"""Administration → Scripts: those that steps run by name."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import listing
from portal.comparisons import Choices
from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.forms.scripts import ScriptForm
from portal.listing import Sort
from portal.paging import page_of
from portal.requests import PortalRequest
from portal.saving import Saving
from workflows.access import policies
from workflows.actions import scripts
from workflows.errors import DuplicateKey, InvalidInput
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.SCRIPTS_MODIFY
FIELDS = Fields([Field("Name", "name"), Field("Contents", "contents", sortable=False)])
SEARCHED: Choices = (("Name", gettext_lazy("Name")), ("Contents", gettext_lazy("Script")))
_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def script_list(request: PortalRequest) -> HttpResponse:
    wanted = listing.read_filter(
        request.GET,
        SEARCHED,
        FIELDS,
        place="portal:scripts",
        example='Contents -contains "Import-Module"',
    )
    found, error = listing.apply(scripts.visible(request.actor), wanted, FIELDS, request.actor)
    found, sort = listing.ordered(found, request.GET, FIELDS, Sort("Name", descending=False))
    page, shown = page_of(found.defer("contents"), request.GET)
    context = {
        "rows": [
            {"id": each.pk, "name": each.name, "for_workflows": scripts.WORKFLOW_CATEGORY in each.categories}
            for each in shown
        ],
        "page": page,
        "sort": sort,
        "filter": replace(wanted, error=error),
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/scripts.html", context, status=400 if error else 200)


@require_safe
def script(request: PortalRequest, script_id: int) -> HttpResponse:
    found = scripts.find(script_id, actor=request.actor)
    context = {
        "breadcrumbs": [to_list()],
        "found": found,
        "for_workflows": scripts.WORKFLOW_CATEGORY in found.categories,
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/script.html", context)


@never_cache
@_form_page
def script_new(request: PortalRequest) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ScriptForm(*given)
    saving = Saving(form)
    if saving.is_done(
        lambda: scripts.create(actor=request.actor, name=form.cleaned_data["name"], **form.values),
        {DuplicateKey: "name", InvalidInput: "name"},
    ):
        messages.success(request, _("The script is stored; steps may name it now."))
        return HttpResponseRedirect(reverse("portal:scripts"))
    context = {
        "heading": _("New script"),
        "breadcrumbs": [to_list()],
        "submit_label": _("Store it"),
        "cancel_url": reverse("portal:scripts"),
        **saving.context,
    }
    return show(request, "components/form_page.html", context, status=saving.status)


@never_cache
@_form_page
def script_edit(request: PortalRequest, script_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = scripts.find(script_id, actor=request.actor)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ScriptForm(*given, script=found)
    saving = Saving(form, scripts.etag(found))
    page = reverse("portal:script", args=[script_id])
    if saving.is_done(
        lambda: scripts.update(script_id, actor=request.actor, expected=saving.expected, **form.values)
    ):
        messages.success(request, _("Saved; the next step that runs it takes this text."))
        return HttpResponseRedirect(page)
    context = {
        "heading": found.name,
        "breadcrumbs": [to_list(), (found.name, page)],
        "submit_label": _("Save"),
        "cancel_url": page,
        **saving.context,
    }
    return show(request, "components/form_page.html", context, status=saving.status)


@never_cache
@_form_page
def script_delete(request: PortalRequest, script_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = scripts.find(script_id, actor=request.actor)

    def carry_out(force: bool) -> HttpResponse:
        scripts.delete(script_id, actor=request.actor)
        messages.success(request, _("The script is deleted."))
        return HttpResponseRedirect(reverse("portal:scripts"))

    confirmation = Confirmation(
        question=_("Delete this script?"),
        subject=found.name,
        consequences=[_("No step can run it any more. A script that a workflow uses is kept.")],
        submit_label=_("Delete"),
        cancel_url=reverse("portal:script", args=[script_id]),
        is_destructive=True,
        breadcrumbs=[to_list()],
    )
    return confirm(request, confirmation, carry_out)


def to_list() -> tuple[str, str]:
    return _("Scripts"), reverse("portal:scripts")
