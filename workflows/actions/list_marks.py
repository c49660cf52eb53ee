"""Marks along long lists: a page begins at the one before it instead of counting up to it.

One is left where a page ended, for who reads on, and one every so many rows where somebody has walked, for
who jumps there; along the lists of all instances a worker walks every few minutes. Kept by the broker for all
web processes; without it far pages cost a walk along the index, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.lookups import GreaterThan, LessThan
from redis.exceptions import RedisError

from workflows.engine.liveness import broker
from workflows.models import Instance
from workflows.search.by_key import indexed, nearest
from workflows.search.limits import TimeIsOver

FAR = 10_000  # rows that are walked past without a mark, and from one mark to the next
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


def renew() -> None:
    """Walk along all instances, from both ends, so that nobody who jumps into them has to."""
    for order in ("-pk", "pk"):
        Marks(Instance.objects.order_by(order)).renew()


class Mark(NamedTuple):
    """`place` rows come before it, the last of them has the key `last`."""

    place: int
    last: int


class Marks:
    """Those of one list: the query says whose it is, too, so nobody meets those of other rows."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self.keys = rows.values_list("pk", flat=True)
        query = repr(self.keys.query.sql_with_params())
        self.name = f"countersign:mark:{hashlib.sha256(query.encode()).hexdigest()}"

    def beyond(self, mark: Mark | None) -> QuerySet[Any]:
        """The keys after the mark; without one, all."""
        if mark is None:
            return self.keys
        return self.keys.filter(_BEYOND[tuple(self.keys.query.order_by)](mark.last))

    def reach(self, place: int) -> Mark | None:
        """The last mark up to `place`: goes on from the nearest one, `FAR` rows at a time, and leaves marks.

        Raises TimeIsOver; who tries again goes on from where this one came to.
        """
        mark, end = self._nearest(place), time.monotonic() + settings.SEARCH_TIMEOUT
        while place - (mark.place if mark else 0) >= FAR:
            if time.monotonic() > end:
                raise TimeIsOver
            following = self._next(mark)
            if following is None:
                break
            mark = following
            self._leave_on_walk(mark)
        return mark

    def renew(self) -> None:
        """Walk from the beginning to the end and put these marks in the place of all that walks left."""
        found: dict[str, int] = {}
        mark: Mark | None = None
        while (mark := self._next(mark)) is not None:
            found[str(mark.last)] = mark.place
        tell = broker().pipeline()
        tell.delete(self._walk)
        if found:
            tell.zadd(self._walk, found)
            tell.expire(self._walk, SECONDS)
        with contextlib.suppress(RedisError):
            tell.execute()

    def leave_page(self, mark: Mark) -> None:
        with contextlib.suppress(RedisError):
            broker().set(self._page(mark.place), mark.last, ex=SECONDS)

    def _nearest(self, place: int) -> Mark | None:
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

    def _next(self, mark: Mark | None) -> Mark | None:
        """`FAR` rows further on; None where the list ends before."""
        last = next(iter(self.beyond(mark)[FAR - 1 : FAR]), None)
        return None if last is None else Mark((mark.place if mark else 0) + FAR, last)

    def _leave_on_walk(self, mark: Mark) -> None:
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
