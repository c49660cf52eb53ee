"""Parts of titles, found by what tells them from other titles.

One index knows titles by their keys (`models.title_keys`), and is asked for the words that lie whole within
the part, and for groups with digits of what it begins and ends with. Another knows them by their groups of
three characters, and is asked where the part has no key. What most titles have tells nothing and costs the
most, so neither is asked for it. What they find is compared with the part.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from django.db import connection
from django.db.models import TextField, Transform

from workflows.models import InstanceRecord
from workflows.models.title_keys import SIZE, groups, key, words
from workflows.search.kinds import Context, Matches, Text
from workflows.search.syntax import Operator

_SIZE = 3  # of a group without a digit, and what that index needs of a word at least
_MOST = 10  # keys that are asked for: fewer tell a title
_COMMON = 0.1  # share of the titles that have a key or a group which says nothing
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
        telling = _telling(operator, part)
        # Compared first: where no index can be asked, as in an OR, keys of few titles are then taken anew.
        return ((f"unindexed__{lookup}", part), *telling) if telling not in ((), matches) else matches


@TextField.register_lookup
class Unindexed(Transform):
    """The same text, for which no index is asked."""

    lookup_name = "unindexed"
    template = "(%(expressions)s || '')"
    output_field = TextField()


def _telling(operator: Operator, part: str) -> Matches:
    """What to ask the indexes for; nothing where the part tells nothing."""
    common = _common(int(time.monotonic() // _SECONDS))
    bounded = part if operator is Operator.CONTAINS else f"{part} "
    if keys := [each for each in _keys(bounded) if each.upper() not in common.keys]:
        return (("keys__contains", [key(each) for each in keys[:_MOST]]),)
    return tuple(("icontains", piece) for piece in _pieces(part, common.groups))


def _keys(part: str) -> list[str]:
    """Those that each title with this part has: its first and its last word may go on in the title.

    A group is left out where its capitals may have another length.
    """
    first, *whole = words(part)
    last = whole.pop() if whole else ""
    open_ended = [*groups(first, SIZE), *groups(last, SIZE)]
    return [word for word in whole if word] + [group for group in open_ended if group.isascii()]


def _pieces(part: str, common: frozenset[str]) -> Iterator[str]:
    """The words of the part, or longest pieces of them, in which no group is common."""
    places = range(len(part) - _SIZE + 1)
    for is_common, run in groupby(places, lambda at: part[at : at + _SIZE].upper() in common):
        within = list(run)
        if not is_common:
            yield from _WORD.findall(part[within[0] : within[-1] + _SIZE])


@dataclass(frozen=True, slots=True)
class _Common:
    """What many titles have, in capitals."""

    keys: frozenset[str]
    groups: frozenset[str]


@lru_cache(maxsize=1)
def _common(_period: int) -> _Common:
    """Asked anew in each period."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, [InstanceRecord._meta.db_table])
        titles = [title.upper() for (title,) in cursor.fetchall()]
    return _Common(_often(map(_keys_of_title, titles)), _often(map(_groups, titles)))


def _often(parts_of_titles: Iterable[Iterable[str]]) -> frozenset[str]:
    titles = [frozenset(parts) for parts in parts_of_titles]
    counts = Counter(part for parts in titles for part in parts)
    return frozenset(part for part, count in counts.items() if count > _COMMON * len(titles))


def _keys_of_title(title: str) -> Iterator[str]:
    for word in words(title):
        yield from (word, *groups(word))


def _groups(title: str) -> Iterator[str]:
    return (title[at : at + _SIZE] for at in range(len(title) - _SIZE + 1))
