"""A person's saved searches as links above their list, and what an address holds of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.instance_columns import Column, Columns
from portal.requests import PortalRequest
from workflows.actions.searches import KEPT, TAB, columns_in, searches_of
from workflows.models import SavedSearch

LONGEST_URL = 8_000  # characters that servers and proxies take (config/web_worker.py: LONGEST_LINE)


@dataclass(frozen=True)
class SavedLink:
    id: int
    name: str
    url: str
    is_current: bool


def above(request: PortalRequest, address: QueryDict, columns: Columns) -> dict[str, Any]:
    """What `workflows/instance_views.html` needs above the list that `address` asks for."""
    own = searches_of(request.actor)
    return {
        "views": "workflows/instance_views.html",
        "saved": links(own, address),
        "asked": address.urlencode(),
        "columns": chosen_columns(request, columns, own),
        "all_columns": columns.offered,
    }


def chosen_columns(
    request: PortalRequest, columns: Columns, own: Sequence[SavedSearch] | None = None
) -> list[Column]:
    """Those of the address, else those that the person likes of this list."""
    own = searches_of(request.actor) if own is None else own
    return columns.chosen(request.GET.getlist("columns") or columns_in(own, columns.tab))


def links(searches: Sequence[SavedSearch], current: QueryDict) -> list[SavedLink]:
    """Those of this list with a name; current is the one whose parameters the address holds."""
    shown = parameters_of(current)
    return [
        SavedLink(each.pk, each.name, url_of(each.parameters), each.parameters == shown)
        for each in searches
        if each.name and each.parameters.get(TAB) == shown.get(TAB)
    ]


def parameters_of(address: QueryDict) -> dict[str, str | list[str]]:
    """What of an address makes a search."""
    found = {key: address.getlist(key) for key in KEPT if any(address.getlist(key))}
    return {key: values if key == "columns" else values[-1] for key, values in found.items()}


def url_of(parameters: Mapping[str, Any]) -> str:
    """The list as this search asks for it; the whole list where that would be too long an address."""
    query = QueryDict(mutable=True)
    for key in KEPT:
        if value := parameters.get(key):
            query.setlist(key, value if isinstance(value, list) else [value])
    url, asked = list_of(parameters)[1], query.urlencode()
    return f"{url}?{asked}" if asked and len(asked) <= LONGEST_URL else url


def list_of(parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Name and address of the page with the list that is searched."""
    if parameters.get(TAB):
        return _("My Workflows"), reverse("portal:my_workflows")
    return _("Workflow Instances"), reverse("portal:instances")
