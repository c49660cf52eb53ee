"""What an index keeps of a title, so that parts of titles are found without reading titles.

These are the title's words, and of words with a digit each group of four characters: numbers are searched
for by a part of them, and of a million titles each group of three digits is in thousands, each of four in
hundreds. The function `title_keys` of the database (migration 0026) takes them from a title; what is here
says the same of a part that is searched for.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import Expression, TextField, Transform, Value
from django.db.models.functions import Left, Upper

SIZE = 4  # of a group
_LONGEST = 100  # characters of a word that are kept; an index takes no key of more than about 2,700 bytes
_SEPARATOR = re.compile(r"[ .,:;=\-_/\\@()]")
_DIGIT = re.compile(r"[0-9]")


@TextField.register_lookup
class TitleKeys(Transform):
    """The keys of a title, in capitals."""

    lookup_name = "keys"
    function = "title_keys"
    output_field: ClassVar[Any] = ArrayField(TextField())


def words(text: str) -> list[str]:
    """What lies between separators, the empty ones included."""
    return _SEPARATOR.split(text)


def groups(word: str, step: int = 1) -> list[str]:
    """Groups of the word, or of a piece of it, `step` characters apart, and the last one."""
    last = len(word) - SIZE
    if last < 0 or not _DIGIT.search(word):
        return []
    return [word[place : place + SIZE] for place in (*range(0, last, step), last)]


def key(text: str) -> Expression:
    """The key that stands for a word or a group, in capitals as the database writes them."""
    return Left(Upper(Value(text)), _LONGEST)
