"""Marks along long lists: a page begins at the one before it instead of counting up to it.

One is left where a page ended, for who reads on, and one every so many rows where somebody has walked, for
who jumps there. Kept by the broker for all web processes; without it far pages cost a walk along the index,
nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

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


class Mark(NamedTuple):
    """`place` rows come before it, the last of them has the key `last`."""

    place: int
    last: int


class Marks:
    """Those of one list of keys: the query says whose it is, too, so nobody meets those of other rows."""

    def __init__(self, keys: QuerySet[Any]) -> None:
        query = repr(keys.query.sql_with_params())
        self.name = f"countersign:mark:{hashlib.sha256(query.encode()).hexdigest()}"
        self.keys = keys

    def beyond(self, mark: Mark | None) -> QuerySet[Any]:
        """The keys after the mark; without one, all."""
        if mark is None:
            return self.keys
        return self.keys.filter(_BEYOND[tuple(self.keys.query.order_by)](mark.last))

    def nearest(self, place: int) -> Mark | None:
        """Where a page ended at `place`, else the last one up to it that a walk has left."""
        ask = broker().pipeline(transaction=False)
        ask.get(self._page(place))
        ask.zrevrangebyscore(self._walk, place, 0, start=0, num=1, withscores=True)
        try:
            page, walked = ask.execute()
        except RedisError:
            return None
        if page is not None:
            return Mark(place, int(page))
        return Mark(int(walked[0][1]), int(walked[0][0])) if walked else None

    def leave_page(self, mark: Mark) -> None:
        with contextlib.suppress(RedisError):
            broker().set(self._page(mark.place), mark.last, ex=SECONDS)

    def leave_on_walk(self, mark: Mark) -> None:
        """All of a list's walks are forgotten together: each counts from another, and rows come and go."""
        tell = broker().pipeline()
        tell.zadd(self._walk, {str(mark.last): mark.place})
        tell.expire(self._walk, SECONDS, nx=True)
        with contextlib.suppress(RedisError):
            tell.execute()

    def _page(self, place: int) -> str:
        return f"{self.name}:page:{place}"

    @property
    def _walk(self) -> str:
        return f"{self.name}:walk"
