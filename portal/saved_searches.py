"""A person's saved searches as links above the list, and what an address holds of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from workflows.actions.searches import KEPT
from workflows.models import SavedSearch

LONGEST_URL = 8_000  # characters that servers and proxies take (config/web_worker.py: LONGEST_LINE)


@dataclass(frozen=True)
class SavedLink:
    id: int
    name: str
    url: str
    is_current: bool


def links(searches: Sequence[SavedSearch], current: QueryDict) -> list[SavedLink]:
    """Those with a name; current is the one whose parameters the address holds."""
    shown = parameters_of(current)
    return [
        SavedLink(each.pk, each.name, url_of(each.parameters), each.parameters == shown)
        for each in searches
        if each.name
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
    url, asked = reverse("portal:instances"), query.urlencode()
    return f"{url}?{asked}" if asked and len(asked) <= LONGEST_URL else url
