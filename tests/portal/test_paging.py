"""Which page of a list an address shows."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from portal.paging import page_of
from tests import builders
from workflows.models import User


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "shown"),
    [("0", 1), ("-1", 1), ("", 1), ("nonsense", 1), ("2", 2), ("99", 2), ("9" * 4_000, 2), ("9" * 5_000, 1)],
)
def test_it_is_the_nearest_one(asked: str, shown: int) -> None:
    for name in "abc":
        builders.user(name)
    page, rows = page_of(User.objects.order_by("username"), QueryDict(f"page={asked}"), size=2)
    assert page.number == shown
    assert [each.username for each in rows] == (["a", "b"] if shown == 1 else ["c"])
