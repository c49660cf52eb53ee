"""Workflow → My Workflows: Assigned to Me, Created by Me (workflow-instances.md, 3.2) and Decided by Me."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal import listing, live, news, saved_searches
from portal.context import show
from portal.instance_searches import KNOWN_FACTS
from portal.listing import Filter
from portal.my_workflows import tabs
from portal.my_workflows.tab import Tab
from portal.news import Counts, Following
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions.searches import TAB
from workflows.vocabulary.permissions import Permission


@live.followed
@require_safe
def my_workflows(request: PortalRequest) -> HttpResponse:
    policies.require(
        request.actor,
        Permission.WORKFLOW_INSTANCES_READ_PENDING,
        Permission.WORKFLOW_INSTANCES_READ_MINE,
    )
    opened, name = tabs.open_to(request.actor), request.GET.get(TAB, "")
    tab = tabs.named(name, opened) or opened[0]
    if news.is_asking(request):
        asking = tabs.allowed(name, request.actor) or tab
        return news.answer(request, _following(request, opened, asking))
    found = tab.show(request, _filter(request, tab))
    context = {
        "tab": tab.name,
        "part": tab.part,
        "tabs": _links(request, opened, tab),
        "known_facts": KNOWN_FACTS,
        **_views(request, tab),
        **found,
    }
    return show(request, "workflows/my.html", context, status=400 if found["filter"].error else 200)


def _following(request: PortalRequest, opened: Sequence[Tab], tab: Tab) -> Following:
    """The numbers of tabs are those of what waits for the person, which every list has seen."""

    def counts() -> Counts:
        return Counts(context={"tabs": _links(request, opened, tab)})

    return replace(tab.following(request), counts=counts)


def _views(request: PortalRequest, tab: Tab) -> dict[str, Any]:
    """The person's saved searches of this tab, which its first address need not name, and its columns."""
    address = request.GET.copy()
    address[TAB] = tab.name
    return saved_searches.above(request, address, tab.columns)


def _filter(request: PortalRequest, tab: Tab) -> Filter:
    wanted = listing.read_filter(
        request.GET, tab.fields, tab.known, place="portal:my_workflows", example=tab.example
    )
    columns = [("columns", name) for name in request.GET.getlist("columns")]
    return replace(wanted, kept=[(TAB, tab.name), *columns])


def _links(request: PortalRequest, opened: Sequence[Tab], current: Tab) -> list[Mapping[str, Any]]:
    url = reverse("portal:my_workflows")
    return [
        {
            "label": tab.label,
            "url": f"{url}?{TAB}={tab.name}",
            "name": tab.name,
            "waiting": tab.waiting(request),
            "is_current": tab is current,
        }
        for tab in opened
    ]
