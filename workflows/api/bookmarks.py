"""Where the pages of long lists ended: the next page begins there instead of counting up to it.

Kept by the broker for all web processes; without it far pages cost a walk along the index, nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.lookups import GreaterThan, LessThan
from redis.exceptions import RedisError

from workflows.engine.liveness import broker
from workflows.search.by_key import indexed, nearest
from workflows.search.paging import Page

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


def after(keys: QuerySet[Any], page: Page) -> QuerySet[Any] | None:
    """The keys from the beginning of the page on; None when nobody has lately read the page before."""
    try:
        last = broker().get(_name(keys, page.number, page.size))
    except RedisError:
        return None
    return None if last is None else keys.filter(_BEYOND[tuple(keys.query.order_by)](int(last)))


def leave(keys: QuerySet[Any], page: Page, last: int) -> None:
    """Remember the last key of a page."""
    try:
        broker().set(_name(keys, page.number + 1, page.size), last, ex=SECONDS)
    except RedisError:
        return


def _name(keys: QuerySet[Any], number: int, size: int) -> str:
    """The query says whose list it is, too: nobody meets the bookmark of somebody who sees other rows."""
    query = repr(keys.query.sql_with_params())
    return f"countersign:page:{hashlib.sha256(query.encode()).hexdigest()}:{size}:{number}"
