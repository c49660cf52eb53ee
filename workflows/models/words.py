"""The words of a text as an index may hold them, so that whole words are found without reading texts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import TextField, Transform

SEPARATORS = " .,:;=-_/\\@()"
LONG = " "  # in place of the words of a long text; no word is like it
# An index takes no key of more than about 2,700 bytes; of this many characters none is, however written.
_LONGEST = 400


@TextField.register_lookup
class Words(Transform):
    """What lies between separators, in capitals; of a text that is too long for an index, `LONG` alone.

    Who looks for a word therefore asks for `[word, LONG]`, and compares what is found with the text itself.
    """

    lookup_name = "words"
    template = (
        f"(CASE WHEN length(%(expressions)s) > {_LONGEST} THEN ARRAY['{LONG}'] ELSE string_to_array("
        f"translate(UPPER(%(expressions)s), '{SEPARATORS[1:]}', '{' ' * len(SEPARATORS[1:])}'), ' ') END)"
    )
    output_field: ClassVar[Any] = ArrayField(TextField())
