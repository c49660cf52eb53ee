from __future__ import annotations

from datetime import date

import pytest

from workflows.search.accounts import Account, BareAccount
from workflows.search.kinds import Context
from workflows.search.syntax import Operator

CONTEXT = Context(me="COUNTERSIGN\\ann", today=date(2024, 2, 28))


@pytest.mark.parametrize(
    ("text", "full", "bare"),
    [
        ("bob", "COUNTERSIGN\\bob", "bob"),
        ("COUNTERSIGN\\bob", "COUNTERSIGN\\bob", "bob"),
        ("COUNTERSIGN\\\\bob", "COUNTERSIGN\\bob", "bob"),
        ("countersign\\bob", "countersign\\bob", "bob"),
        ("OTHER\\bob", "OTHER\\bob", "OTHER\\bob"),
        ("bob@keyexample.com", "COUNTERSIGN\\bob@keyexample.com", "bob@keyexample.com"),
        ("%ME%", "COUNTERSIGN\\ann", "ann"),
        ("%ME-AN%", "COUNTERSIGN\\ann", "ann"),
        ("Timer Service", "Timer Service", "Timer Service"),
    ],
)
def test_every_spelling_names_the_same_person(text: str, full: str, bare: str) -> None:
    assert Account().matches(Operator.EQ, text, CONTEXT) == (("iexact", full),)
    assert BareAccount().matches(Operator.EQ, text, CONTEXT) == (("iexact", bare),)


def test_a_part_of_a_name_stays_a_part() -> None:
    assert Account().matches(Operator.CONTAINS, "bo", CONTEXT) == (("icontains", "bo"),)
