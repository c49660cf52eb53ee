"""Totals: exact where they are cheap, and never so small that a client stops early."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.clients import ApiClient, person
from workflows.api.paging import page_of
from workflows.models import MetadataField, Role
from workflows.search import counting
from workflows.search.paging import Page


@pytest.fixture
def _seven(db: None) -> None:
    MetadataField.objects.bulk_create(MetadataField(name=f"f{n}", description="") for n in range(7))


@pytest.mark.usefixtures("_seven")
class TestPastTheCap:
    @pytest.fixture(autouse=True)
    def _cap(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(counting, "COUNTED", 3)

    @pytest.mark.parametrize(("number", "shown", "least"), [(1, 2, 3), (2, 2, 5), (3, 2, 7)])
    def test_more_rows_are_promised_while_rows_follow(self, number: int, shown: int, least: int) -> None:
        rows, total = page_of(MetadataField.objects.order_by("pk"), Page(number, 2))
        assert len(rows) == shown
        assert total >= least

    @pytest.mark.parametrize(("number", "shown", "total"), [(4, 1, 7), (5, 0, 8), (6, 0, 10)])
    def test_no_more_than_its_place_are_promised_by_the_last_page(
        self, number: int, shown: int, total: int
    ) -> None:
        rows, counted = page_of(MetadataField.objects.order_by("pk"), Page(number, 2))
        assert len(rows) == shown
        assert counted == total if shown else counted <= total

    def test_by_following_it(self) -> None:
        seen, number, total = 0, 1, 1
        while seen < total:
            rows, total = page_of(MetadataField.objects.order_by("pk"), Page(number, 2))
            seen, number = seen + len(rows), number + 1
        assert seen == 7


def test_a_sequence_is_paged_alike() -> None:
    assert page_of(["a", "b", "c"], Page(2, 2)) == (["c"], 3)
    assert page_of([], Page(1, 2)) == ([], 0)


@pytest.mark.parametrize(
    "path", ["Security/Roles", "Security/Users", "Security/Identities", "Security/Tokens", "Audit"]
)
def test_a_lists_queries_do_not_grow_with_its_rows(admin: ApiClient, path: str) -> None:
    admin.get(path)
    with CaptureQueriesContext(connection) as few:
        admin.get(path)
    for name in ("ada", "bob", "eve"):
        Role.objects.create(name=name).members.add(person(name, "/auditing/"))
        admin.post("Security/Tokens", {"Name": name})
    with CaptureQueriesContext(connection) as many:
        admin.get(path)
    assert len(many) == len(few)
