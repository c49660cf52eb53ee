"""Saved searches of the lists of instances, and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import instance_columns
from portal.context import show
from portal.instance_searches import way_back
from portal.requests import PortalRequest, sent_from
from portal.saved_searches import list_of, parameters_of, url_of
from workflows.access import policies
from workflows.actions import searches
from workflows.actions.searches import TAB
from workflows.errors import InvalidInput
from workflows.vocabulary.permissions import Permission


@sent_from("portal:instances")
def save(request: PortalRequest) -> HttpResponse:
    """Keep what the list shows under a name."""
    back = _back(request)
    try:
        saved = searches.save(request.POST.get("name", ""), parameters_of(back), actor=request.actor)
    except InvalidInput as error:
        typed = request.POST.get("name", "")
        return _page(request, None, typed, parameters_of(back), error=str(error), status=400)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": saved.name})
    return HttpResponseRedirect(url_of(saved.parameters))


@sent_from("portal:instances")
def keep_columns(request: PortalRequest) -> HttpResponse:
    """Choose the columns that the list opens with; `usual` goes back to those that everybody begins with."""
    back = _back(request)
    wanted = [] if "usual" in request.POST else request.POST.getlist("columns")
    columns = instance_columns.of_tab(_tab(back))
    known = [column.name for column in columns.named(wanted)]
    searches.keep_columns(known, actor=request.actor, tab=columns.tab)
    here = parameters_of(back)
    here.pop("columns", None)
    return HttpResponseRedirect(url_of(here))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PortalRequest, search_id: int) -> HttpResponse:
    """Rename or delete one."""
    found = searches.own_search(search_id, actor=request.actor)
    if request.method != "POST":
        return _page(request, search_id, found.name, found.parameters)
    if "delete" in request.POST:
        searches.delete(search_id, actor=request.actor)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": found.name})
        return HttpResponseRedirect(url_of({TAB: found.parameters.get(TAB)}))
    try:
        searches.rename(search_id, request.POST.get("name", ""), actor=request.actor)
    except InvalidInput as error:
        typed = request.POST.get("name", "")
        return _page(request, search_id, typed, found.parameters, error=str(error), status=400)
    messages.success(request, _("The search is renamed."))
    return HttpResponseRedirect(url_of(found.parameters))


def _back(request: PortalRequest) -> QueryDict:
    """The address of the list, if the actor may open it. Raises PermissionMissing."""
    back = QueryDict(request.POST.get("back", ""))
    opens = policies.INSTANCE_READS if _tab(back) else (Permission.WORKFLOW_INSTANCES_READ,)
    policies.require(request.actor, *opens)
    return back


def _tab(back: QueryDict) -> str:
    """That of My Workflows; empty for Workflow → Instances."""
    return back.get(TAB, "")


def _page(
    request: PortalRequest,
    search_id: int | None,
    name: str,
    parameters: Mapping[str, Any],
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """One that exists, or a new one that could not be saved."""
    is_new = search_id is None
    place = "portal:instance_searches" if is_new else "portal:instance_search"
    context = {
        "breadcrumbs": [list_of(parameters)],
        "url": reverse(place, args=[] if is_new else [search_id]),
        "is_new": is_new,
        "back": request.POST.get("back", ""),
        "name": name,
        "longest": searches.LONGEST_NAME,
        "error": error,
        "cancel_url": url_of(parameters) if parameters.get(TAB) else way_back(request.POST),
    }
    return show(request, "workflows/saved_search.html", context, status=status)
