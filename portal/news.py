"""What came since a list was shown: a line above it says how many, and no row jumps under the pointer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.functional import Promise

from portal import live
from portal.context import show_bare
from portal.requests import PortalRequest
from workflows.errors import SearchTooBroad
from workflows.search.limits import limited

MOST = 99  # what is counted
_ASKING = ("since", "after")  # what an address of a list has besides what the list is asked for

Words = str | Promise


@dataclass(frozen=True)
class News:
    """See components/news.html."""

    number: int
    words: Words
    here: str  # the list anew
    asks: str  # the address to ask every few seconds


def is_asking(request: PortalRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.GET.get("after", "").isdecimal()


def news_of(request: PortalRequest, after: int, number: int = 0, words: Words = "") -> News:
    """What a list shows about itself: it holds what there was up to `after`, and `number` rows came since."""
    params = request.GET.copy()
    for name in _ASKING:
        params.pop(name, None)
    here = f"{request.path}?{params.urlencode()}"
    params["after"] = str(after)
    params["since"] = live.note_of(request, _key(request, here), str(number))
    return News(number, words, here, f"{request.path}?{params.urlencode()}")


def answer(
    request: PortalRequest, count: Callable[[int], int], words: Callable[[int], Words]
) -> HttpResponse:
    """To a list that asks; `count` is given what it showed last and says how many rows are newer."""
    note = live.asked(request)
    reading = live.begin_reading(note)
    after = int(request.GET["after"][:18])
    number = _counted(count, after)
    if live.has_seen(note, reading, str(number)):
        return live.unchanged()
    return show_bare(
        request, "components/news.html", {"news": news_of(request, after, number, words(number))}
    )


def _counted(count: Callable[[int], int], after: int) -> int:
    """Nothing, where the search takes longer than it may: whoever wants to see it is told why by the list."""
    try:
        with limited():
            return count(after)
    except SearchTooBroad:
        return 0


def _key(request: PortalRequest, here: str) -> str:
    """One person's list, in few characters however long its address is."""
    return hashlib.sha256(f"{request.user.pk} {here}".encode()).hexdigest()
