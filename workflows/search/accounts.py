r"""Names of people in queries: `DOMAIN\name`, bare, `%ME%`, or with the reference's two backslashes (D18)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflows.models.people import account_name, bare_name
from workflows.search.kinds import Context, Matches, Text
from workflows.search.syntax import Operator

_BARE = re.compile(r"[^\s\\]+")  # nobody's name has a space, so `Timer Service` and the like are no people's


@dataclass(frozen=True, slots=True)
class Account(Text):
    r"""A column that holds names as `DOMAIN\name`."""

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        found = Text.matches(self, operator, _single(text), context)
        if operator is not Operator.EQ:
            return found  # a part of a name may be one of the domain
        return tuple((lookup, _full(value)) for lookup, value in found)


@dataclass(frozen=True, slots=True)
class BareAccount(Text):
    """A column that holds bare names."""

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        found = Text.matches(self, operator, _single(text), context)
        return tuple((lookup, bare_name(value)) for lookup, value in found)


def _single(text: str) -> str:
    return text.replace("\\\\", "\\")


def _full(name: str) -> str:
    return account_name(name) if _BARE.fullmatch(name) else name
