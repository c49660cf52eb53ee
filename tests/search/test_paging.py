from __future__ import annotations

import pytest
from django.http import QueryDict

from workflows.errors import InvalidQuery
from workflows.search.paging import Page, is_descending, normalise_query_params, paging


def test_names_lose_case_and_prefix() -> None:
    params = QueryDict("pq.queryString=Id+-eq+1&PAGERETURNED=2&pagedQuery.returnLimit=5&a.b.c=d&Text=x.y")
    assert normalise_query_params(params) == {
        "querystring": "Id -eq 1",
        "pagereturned": "2",
        "returnlimit": "5",
        "b.c": "d",
        "text": "x.y",
    }


def test_a_name_ending_in_a_dot_stays() -> None:
    assert normalise_query_params(QueryDict("pq.=1&=2")) == {"pq.": "1", "": "2"}


@pytest.mark.parametrize("query", ["Force=true&force=true", "force=true&force=true&pq.Force=true"])
def test_the_same_said_twice_is_said(query: str) -> None:
    assert normalise_query_params(QueryDict(query)) == {"force": "true"}


@pytest.mark.parametrize(
    "query", ["force=true&pq.Force=false", "Force=1&Force=2", "Force=1&Force=", "Force=1&Force=2&Force=1"]
)
def test_a_parameter_has_one_value(query: str) -> None:
    with pytest.raises(InvalidQuery, match="'Force' is given twice"):
        normalise_query_params(QueryDict(query))


@pytest.mark.parametrize(
    ("params", "page"),
    [
        ({}, Page(1, 50)),
        ({"pagereturned": "", "returnlimit": " "}, Page(1, 50)),
        ({"pagereturned": "3", "returnlimit": "1000"}, Page(3, 1000)),
        ({"pagereturned": "999999999", "returnlimit": "1"}, Page(999_999_999, 1)),
    ],
)
def test_pages(params: dict[str, str], page: Page) -> None:
    assert paging(params) == page


def test_a_page_is_a_slice() -> None:
    page = Page(3, 20)
    assert list(range(100))[page.start : page.stop] == list(range(40, 60))


@pytest.mark.parametrize("name", ["pagereturned", "returnlimit"])
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "1000000000", "9" * 30, "٣", "0x1", "1e3"])
def test_what_is_no_page_is_refused(name: str, text: str) -> None:
    with pytest.raises(InvalidQuery, match="is a whole number from 1 to "):
        paging({name: text})


def test_a_page_has_at_most_a_thousand_rows() -> None:
    with pytest.raises(InvalidQuery, match=r"ReturnLimit is a whole number from 1 to 1000\."):
        paging({"returnlimit": "1001"})


@pytest.mark.parametrize(
    ("given", "descending"),
    [(None, False), ("", False), ("0", False), (0, False), ("Ascending", False), ("1", True), (1, True),
     ("descending", True)],
)  # fmt: skip
def test_directions(given: str | int | None, descending: bool) -> None:
    assert is_descending(given) is descending


@pytest.mark.parametrize("given", ["2", "-1", "yes", "true"])
def test_there_are_no_others(given: str) -> None:
    with pytest.raises(InvalidQuery, match="0 for ascending or 1 for descending"):
        is_descending(given)
