"""Marks along long lists: a page begins at the one before it instead of counting up to it.

One is left where a page ended, for who reads on, and one every so many rows where somebody has walked, for
who jumps there. Kept by the broker for all web processes; without it far pages cost a walk along the index,
nothing else.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.lookups import GreaterThan, LessThan
from redis.exceptions import RedisError

from workflows.engine.liveness import broker
from workflows.search.by_key import indexed, nearest

SECONDS = 600
_SPAN = indexed("record__pk")
_BEYOND: dict[tuple[Any, ...], Callable[[int], Any]] = {
    ("pk",): lambda last: Q(pk__gt=last),
    ("-pk",): lambda last: Q(pk__lt=last),
    (nearest("record__pk", descending=False),): lambda last: GreaterThan(_SPAN, last),
    (nearest("record__pk", descending=True),): lambda last: LessThan(_SPAN, last),
}


def fits(rows: QuerySet[Any]) -> bool:
    """Whether the list is sorted by its key alone: only then one value says where a page ended."""
    return rows.query.order_by in _BEYOND


@dataclass(frozen=True, slots=True)
class Mark:
    """`place` rows come before it, the last of them has the key `last`; it is forgotten at `until`."""

    place: int
    last: int
    until: int

    @classmethod
    def now(cls, place: int, last: int) -> Mark:
        return cls(place, last, int(time.time()) + SECONDS)

    def next(self, stride: int, last: int) -> Mark:
        return Mark(self.place + stride, last, self.until)


class Marks:
    """Those of one list of keys: the query says whose it is, too, so nobody meets those of other rows."""

    def __init__(self, keys: QuerySet[Any]) -> None:
        query = repr(keys.query.sql_with_params())
        self.name = f"countersign:mark:{hashlib.sha256(query.encode()).hexdigest()}"
        self.keys = keys

    def beyond(self, mark: Mark | None) -> QuerySet[Any]:
        """The keys after the mark; without one, all."""
        return (
            self.keys
            if mark is None
            else self.keys.filter(_BEYOND[tuple(self.keys.query.order_by)](mark.last))
        )

    def nearest(self, place: int, stride: int) -> Mark | None:
        """Where a page ended at `place`, else the last of the strides up to it that somebody has walked."""
        strides = range(place - place % stride, 0, -stride)
        names = [self._page(place), *map(self._stride, strides)]
        try:
            found = broker().mget(names)
        except RedisError:
            return None
        marks = zip((place, *strides), found, strict=True)
        return next((Mark(at, *map(int, value.split())) for at, value in marks if value), None)

    def leave_page(self, mark: Mark) -> None:
        self._leave(self._page(mark.place), mark)

    def leave_stride(self, mark: Mark) -> None:
        self._leave(self._stride(mark.place), mark)

    def _leave(self, name: str, mark: Mark) -> None:
        try:
            broker().set(name, f"{mark.last} {mark.until}", exat=mark.until)
        except RedisError:
            return

    def _page(self, place: int) -> str:
        return f"{self.name}:page:{place}"

    def _stride(self, place: int) -> str:
        return f"{self.name}:stride:{place}"
