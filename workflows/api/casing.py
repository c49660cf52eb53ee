"""Names on the wire: read in any case, written in PascalCase (D13)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

# A plural's "s" belongs to its acronym: SANs is `sans`, while IssuedDN is `issued_dn`.
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?:[a-z]{2}|[a-rt-z]))")


def snake_case(name: str) -> str:
    """`CARequestId` as an attribute: `ca_request_id`."""
    return _WORD_STARTS.sub("_", name).lower()


def given_twice(given: Iterable[str], declared: Iterable[str]) -> str | None:
    """A declared name that is given in several spellings: which of their values counts would be chance."""
    counts = Counter(key.casefold() for key in given)
    return next((name for name in declared if counts[name.casefold()] > 1), None)


def declared_names(given: Mapping[str, Any], declared: Iterable[str]) -> dict[str, Any]:
    """`given` under the declared names that its keys mean in any case; keys that mean none are left out."""
    known = {name.casefold(): name for name in declared}
    return {known[key.casefold()]: value for key, value in given.items() if key.casefold() in known}
