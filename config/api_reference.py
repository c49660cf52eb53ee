"""The pages of the API reference: they join the API's description with the portal's frame."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.context import show
from portal.requests import PortalRequest
from workflows.api.reference import Operation, Resource, resources

LONGEST = 100  # characters of a filter


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """All operations by resource; those that hold `q` in path or text."""
    wanted = request.GET.get("q", "").strip()[:LONGEST]
    groups = [(each, _matching(each, wanted.casefold())) for each in resources()]
    return show(request, "api/index.html", {"groups": [each for each in groups if each[1]], "wanted": wanted})


@require_safe
def resource(request: PortalRequest, slug: str) -> HttpResponse:
    """The operations of one resource, each with a form that calls it."""
    found = next((each for each in resources() if each.slug == slug), None)
    if found is None:
        raise Http404
    context = {
        "resource": found,
        "resources": resources(),
        "breadcrumbs": [(_("API reference"), reverse("portal:api_docs"))],
        "origin": f"{request.scheme}://{request.get_host()}",
    }
    return show(request, "api/resource.html", context)


def _matching(group: Resource, wanted: str) -> list[Operation]:
    return [
        each
        for each in group.operations
        if wanted in f"{group.name} {each.verb} {each.path} {each.text}".casefold()
    ]


routes = [
    path("api/docs", index, name="api_docs"),
    path("api/docs/<slug:slug>", resource, name="api_docs_resource"),
]
