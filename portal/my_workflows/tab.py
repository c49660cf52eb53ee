"""What makes a tab of My Workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import ngettext

from portal import news
from portal.comparisons import Choices
from portal.counts import shown_count
from portal.instance_columns import Columns
from portal.listing import Filter
from portal.navigation import Waiting
from portal.news import Following
from portal.requests import PortalRequest
from workflows.access.actors import Actor
from workflows.search.fields import Fields


@dataclass(frozen=True)
class Tab:
    """`is_open` says whether the person's permissions open it, and there can be anything in it.

    `part` is the template of its rows, for which `show` makes what it needs. `fields` are what it is searched
    by, among those that are `known`; `example` is a query.
    """

    label: str | Promise
    part: str
    columns: Columns
    fields: Choices
    known: Fields
    example: str
    is_open: Callable[[Actor], bool]
    show: Callable[[PortalRequest, Filter], Mapping[str, Any]]
    following: Callable[[PortalRequest], Following]
    waiting: Callable[[PortalRequest], Waiting | None] = lambda _request: None
    is_left_out: Callable[[Actor], bool] = lambda _actor: False

    @property
    def name(self) -> str:
        """In the address."""
        return self.columns.tab


def new_words(number: int) -> str:
    """How many rows came, where they come at the top."""
    words = ngettext("%(n)s more. Show it", "%(n)s more. Show them", number)
    return words % {"n": shown_count(number, news.MOST)}
