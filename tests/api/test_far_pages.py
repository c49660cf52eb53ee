"""Pages far from the start of a list: what somebody has passed is not counted again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.api.clients import ApiClient
from tests.api.listed import ids, make
from workflows.actions import list_marks
from workflows.api import paging
from workflows.api.paging import page_of
from workflows.engine.liveness import broker
from workflows.models import DefinitionVersion, Instance
from workflows.search.limits import TimeIsOver
from workflows.search.paging import Page


def _let_far_be(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    for module in (list_marks, paging):
        monkeypatch.setattr(module, "FAR", rows)


class TestFarPages:
    @pytest.fixture(autouse=True)
    def _near(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every page but the first is far; each test reads its own list."""
        _let_far_be(monkeypatch, 1)
        for key in broker().scan_iter("countersign:mark:*"):
            broker().delete(key)

    @pytest.mark.parametrize("direction", ["pk", "-pk"])
    def test_reading_page_after_page_shows_every_row_once(self, seven: list[int], direction: str) -> None:
        rows = Instance.objects.order_by(direction)
        pages = [page_of(rows, Page(number, 3), ["pk"])[0] for number in (1, 2, 3, 4)]
        found = [row[0] for page in pages for row in page]
        assert found == (seven if direction == "pk" else seven[::-1])

    def test_a_page_begins_where_the_one_before_ended(
        self, seven: list[int], version: DefinitionVersion
    ) -> None:
        rows = Instance.objects.order_by("-pk")
        page_of(rows, Page(2, 2))
        newer = make(version)
        assert [row.pk for row in page_of(rows, Page(3, 2))[0]] == [seven[2], seven[1]]
        assert page_of(rows, Page(1, 1))[0] == [newer]

    def test_it_counts_past_nothing_then(self, seven: list[int]) -> None:
        rows = Instance.objects.order_by("-pk")
        page_of(rows, Page(2, 2))
        with CaptureQueriesContext(connection) as queries:
            page_of(rows, Page(3, 2))
        assert not any("OFFSET" in query["sql"] for query in queries)

    def test_nobody_meets_the_marks_of_another_list(self, seven: list[int]) -> None:
        page_of(Instance.objects.order_by("-pk"), Page(2, 2))
        others = Instance.objects.filter(pk__lt=seven[4]).order_by("-pk")
        assert [row.pk for row in page_of(others, Page(3, 2))[0]] == []
        assert [row.pk for row in page_of(others, Page(2, 2))[0]] == [seven[1], seven[0]]

    @pytest.mark.parametrize("direction", ["pk", "-pk"])
    def test_who_jumps_finds_what_counting_finds(
        self, seven: list[int], direction: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _let_far_be(monkeypatch, 2)
        rows = Instance.objects.order_by(direction)
        expected = seven if direction == "pk" else seven[::-1]
        jumps = [(number, size) for size in (1, 2, 3) for number in (7, 2, 5, 4, 9, 1, 3, 6)]
        for number, size in jumps + jumps[::-1]:
            page = Page(number, size)
            shown, total = page_of(rows, page, ["pk"])
            assert [pk for (pk,) in shown] == expected[page.start : page.stop]
            assert total >= min(7, page.stop)

    def test_who_jumps_where_somebody_has_walked_begins_there(
        self, seven: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _let_far_be(monkeypatch, 2)
        rows = Instance.objects.order_by("-pk")
        page_of(rows, Page(7, 1))
        with CaptureQueriesContext(connection) as queries:
            page_of(rows, Page(5, 1))
        assert not any("OFFSET" in query["sql"] for query in queries)

    def test_marks_of_one_walk_are_forgotten_together(
        self, seven: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _let_far_be(monkeypatch, 2)
        page_of(Instance.objects.order_by("-pk"), Page(7, 1))
        [walk] = list(broker().scan_iter("countersign:mark:*:walk"))
        assert broker().zrange(walk, 0, -1, withscores=True) == [
            (str(seven[-place]).encode(), place) for place in (2, 4, 6)
        ]
        begun = broker().expiretime(walk)
        page_of(Instance.objects.order_by("-pk"), Page(8, 1))
        assert broker().expiretime(walk) == begun

    @pytest.mark.parametrize("query", ["SortField=ReferenceId&SortAscending=1", "SortField=ReferenceId"])
    def test_nobody_walks_where_a_worker_has(
        self, admin: ApiClient, seven: list[int], query: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _let_far_be(monkeypatch, 2)
        list_marks.renew()
        with CaptureQueriesContext(connection) as queries:
            found = ids(admin, f"{query}&ReturnLimit=1&PageReturned=7")
        assert found == [seven[0] if "Ascending" in query else seven[6]]
        assert not any("OFFSET" in query["sql"] for query in queries)

    def test_what_a_worker_marks_takes_the_place_of_older_marks(
        self, seven: list[int], version: DefinitionVersion, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _let_far_be(monkeypatch, 2)
        page_of(Instance.objects.order_by("-pk"), Page(7, 1))
        for _ in range(2):
            make(version)
        Instance.objects.filter(pk__in=seven[:4]).delete()
        list_marks.renew()
        assert page_of(Instance.objects.order_by("-pk"), Page(5, 1), ["pk"])[0] == [(seven[4],)]
        Instance.objects.all().delete()
        list_marks.renew()
        assert not list(broker().scan_iter("countersign:mark:*:walk"))

    def test_a_walk_takes_no_longer_than_a_search_may(
        self, admin: ApiClient, seven: list[int], settings: Settings
    ) -> None:
        settings.SEARCH_TIMEOUT = -1
        with pytest.raises(TimeIsOver):
            page_of(Instance.objects.order_by("-pk"), Page(7, 1))

    def test_a_page_that_nobody_can_reach_is_empty(self, seven: list[int]) -> None:
        assert page_of(Instance.objects.order_by("-pk"), Page(2**31 - 1, 1000), ["pk"]) == ([], 7)

    def test_without_the_broker_they_are_counted_up_to(self, seven: list[int], settings: Settings) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        broker.cache_clear()
        try:
            rows = Instance.objects.order_by("-pk")
            assert [row.pk for row in page_of(rows, Page(3, 2))[0]] == [seven[2], seven[1]]
        finally:
            broker.cache_clear()

    def test_other_orders_have_none(self, seven: list[int]) -> None:
        assert not list_marks.fits(Instance.objects.order_by("started_at", "pk"))
