"""Parts of titles, found by what tells them from other titles.

The index knows titles by their groups of three characters, and asking it for a long part costs what all
groups of the part cost, most of all those that nearly every title has. So it is asked for the other groups
alone, and only what it finds is compared with the part.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from django.db import connection
from django.db.models import TextField, Transform

from workflows.models import InstanceRecord
from workflows.search.kinds import Context, Matches, Text
from workflows.search.syntax import Operator

_SIZE = 3  # of a group, and what the index needs of a word at least
_COMMON = 0.1  # share of the titles that have a group which says nothing
_SECONDS = 600
# Without what ends it: a word's beginning, and the letter or two that follow, are in most titles again.
_WORD = re.compile(rf"[^\W_]{{{_SIZE},}}")
# What PostgreSQL's ANALYZE keeps of the titles: about a hundred, evenly spread over all in their order.
_SAMPLE = """
    SELECT unnest(histogram_bounds::text::text[]) FROM pg_stats
    WHERE schemaname = current_schema() AND tablename = %s AND attname = 'title'
"""


@dataclass(frozen=True, slots=True)
class Title(Text):
    """A text most of whose values are alike in most of their words."""

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        matches = Text.matches(self, operator, text, context)
        if operator not in {Operator.CONTAINS, Operator.ENDSWITH}:
            return matches
        ((lookup, part),) = matches
        telling = list(_telling(part, _common_groups(int(time.monotonic() // _SECONDS))))
        if not telling or telling == [part]:
            return matches
        return (*(("icontains", each) for each in telling), (f"unindexed__{lookup}", part))


@TextField.register_lookup
class Unindexed(Transform):
    """The same text, for which no index is asked."""

    lookup_name = "unindexed"
    template = "(%(expressions)s || '')"
    output_field = TextField()


def _telling(part: str, common: frozenset[str]) -> Iterator[str]:
    """The words of the part, or longest pieces of them, in which no group is common."""
    places = range(len(part) - _SIZE + 1)
    for is_common, run in groupby(places, lambda at: part[at : at + _SIZE].upper() in common):
        within = list(run)
        if not is_common:
            yield from _WORD.findall(part[within[0] : within[-1] + _SIZE])


@lru_cache(maxsize=1)
def _common_groups(_period: int) -> frozenset[str]:
    """The groups that many titles have, asked anew in each period."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, [InstanceRecord._meta.db_table])
        titles = [title for (title,) in cursor.fetchall()]
    counts = Counter(group for title in titles for group in set(_groups(title)))
    return frozenset(group for group, count in counts.items() if count > _COMMON * len(titles))


def _groups(title: str) -> Iterator[str]:
    return (title[at : at + _SIZE].upper() for at in range(len(title) - _SIZE + 1))
