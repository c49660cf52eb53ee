"""What became of a list since it was shown.

A line above it says how many rows came, and no row jumps under the pointer. Of the rows that are shown, what
has changed is written anew where it stands, and so are the numbers around the list.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.functional import Promise

from portal import live, navigation
from portal.context import show_bare
from portal.requests import PortalRequest
from workflows.engine.changes import Reading
from workflows.engine.writing import is_told
from workflows.errors import SearchTooBroad
from workflows.models import Instance
from workflows.search.limits import limited

MOST = 99  # what is counted
_ASKING = ("since", "after", "rows")  # what an address of a list has besides what the list is asked for
_SHOWN = 100  # rows that a list is believed to show
_LEFT = "left-"  # before the stamp of a row that has been told of as gone

Words = str | Promise
Stamps = Mapping[int, str]
"""How the instances stand that a list shows: in a word each, which differs when they change."""


@dataclass(frozen=True)
class News:
    """See components/news.html."""

    number: int
    words: Words
    here: str  # the list anew
    asks: str  # the address to ask every few seconds


@dataclass(frozen=True)
class Counts:
    """Numbers around a list, besides that of what waits for the person, which stands on every page.

    `numbers` differ when they do; `context` is what components/counts.html needs to write them.
    """

    numbers: Sequence[object] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Following:
    """How a list is followed. `count` is given what it showed last and says how many rows are newer.

    `rows` are the instances that it may show; `cells` is the template that writes the changed ones, for which
    `context` makes what it needs. `gone` makes it of the ids of those that are no longer among `rows`; they
    still stand there, and `left` finds those that may be told of again, when they change or are deleted.
    `counts` makes the numbers around the list.
    """

    count: Callable[[int], int]
    words: Callable[[int], Words]
    rows: QuerySet[Instance]
    cells: str = ""
    context: Callable[[Sequence[Instance]], Mapping[str, Any]] = lambda _changed: {}
    gone: Callable[[Sequence[int]], Mapping[str, Any]] = lambda _gone: {}
    left: Callable[[Sequence[int]], Sequence[Instance]] = lambda _gone: ()
    counts: Callable[[], Counts] = Counts


def is_asking(request: PortalRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.GET.get("after", "").isdecimal()


def shown_by(request: PortalRequest) -> dict[int, str]:
    """The instances that the list which asks says it shows; nobody has checked that."""
    parts = (each.partition(".") for each in request.GET.get("rows", "").split(",")[:_SHOWN])
    return {int(pk[:18]): stamp for pk, _dot, stamp in parts if pk.isascii() and pk.isdecimal()}


def left_before(request: PortalRequest) -> set[int]:
    """Those of them that the list says to have shown as gone."""
    return {pk for pk, stamp in shown_by(request).items() if stamp.startswith(_LEFT)}


def list_of(request: PortalRequest) -> QueryDict:
    """What the list is asked for, also where it asks itself."""
    params = request.GET.copy()
    for name in _ASKING:
        params.pop(name, None)
    return params


def stamps_of(rows: Sequence[Instance]) -> Stamps:
    return {each.pk: _stamp(each.modified_at) for each in rows}


def news_of(
    request: PortalRequest,
    after: int,
    stamps: Stamps,
    number: int = 0,
    words: Words = "",
    *,
    counts: Counts = Counts(),
) -> News:
    """What a list shows about itself: it holds what there was up to `after`, and `number` rows came since."""
    params = list_of(request)
    here = f"{request.path}?{params.urlencode()}"
    params["after"] = str(after)
    if stamps:
        params["rows"] = ",".join(f"{pk}.{stamp}" for pk, stamp in stamps.items())
    params["since"] = live.note_of(request, _key(request, here), _seen(request, number, stamps, counts))
    return News(number, words, here, f"{request.path}?{params.urlencode()}")


def answer(request: PortalRequest, following: Following) -> HttpResponse:
    """To a list that asks."""
    note = live.asked(request)
    reading = live.begin_reading(note)
    after = int(request.GET["after"][:18])
    number, shown = _counted(following.count, after), shown_by(request)
    found = list(following.rows.filter(pk__in=shown).values_list("pk", "modified_at", "queue", "status"))
    now = {pk: _stamp(at) for pk, at, _queue, _status in found}
    left = _left(following, shown.keys() - now.keys())
    stamps = {**now, **left}
    are_told, counts = all(is_told(queue, status) for *_row, queue, status in found), following.counts()
    if _has_seen(note, reading, _seen(request, number, stamps, counts), are_told=are_told):
        return live.unchanged()
    changed = list(following.rows.filter(pk__in=[pk for pk, stamp in now.items() if stamp != shown[pk]]))
    gone = sorted(pk for pk, stamp in shown.items() if pk not in now and left.get(pk) != stamp)
    context = {
        "news": news_of(request, after, stamps, number, following.words(number), counts=counts),
        "is_answer": True,
        "waiting": navigation.waiting_for(request),
        "cells": following.cells if changed or gone else "",
        **counts.context,
        **following.context(changed),
        **following.gone(gone),
    }
    return show_bare(request, "components/news.html", context)


def _left(following: Following, gone: Collection[int]) -> Stamps:
    found = following.left(sorted(gone)) if gone else ()
    return {each.pk: _LEFT + _stamp(each.modified_at) for each in found}


def _has_seen(note: live.Note | None, reading: Reading, seen: str, *, are_told: bool) -> bool:
    """Nobody is told of mass events at work, so nothing is known of a list that shows one."""
    if are_told:
        return live.has_seen(note, reading, seen)
    return note is not None and note.seen == seen


def _stamp(at: datetime) -> str:
    return f"{zlib.crc32(at.isoformat().encode()):x}"


def _seen(request: PortalRequest, number: int, stamps: Stamps, counts: Counts) -> str:
    shown = (sorted(stamps.items()), navigation.waiting_for(request), counts.numbers)
    return f"{number}-{zlib.crc32(repr(shown).encode()):x}"


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
