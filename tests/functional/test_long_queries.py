"""Queries as long as people write them, and longer, sent to the web server itself."""

from __future__ import annotations

import http.client
import json
import re
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from tests.product import Product

LIST = "/api/Workflow/Instances/AssignedToMe"


def ask(client: httpx2.Client, query: str) -> httpx2.Response:
    return client.get(LIST, params={"QueryString": query})


def titled(length: int) -> str:
    """A valid query of so many characters."""
    start = "Title -eq "
    return start + "x" * (length - len(start))


def asked(product: Product, target: str) -> http.client.HTTPResponse:
    """The web server's answer to a line that clients might refuse to send."""
    connection = http.client.HTTPConnection(urlsplit(product.url).netloc, timeout=60)
    connection.request("GET", target)
    return connection.getresponse()


@pytest.mark.parametrize("length", [5_000, 8_000])
def test_a_query_of_thousands_of_characters_is_answered(administrator: httpx2.Client, length: int) -> None:
    assert ask(administrator, titled(length)).json() == []


def test_as_many_comparisons_as_a_query_may_have_fit(administrator: httpx2.Client) -> None:
    query = " OR ".join(f'Status -eq "Failed" AND ReferenceId -ge {number}' for number in range(100))
    assert ask(administrator, query).status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (titled(8_001), "longer than 8,000 characters"),
        ("Title -eq a OR " * 300 + "Title -eq b", "more than 200 comparisons"),
        ("(" * 900 + "Title -eq a" + ")" * 900, "nested more than 20 deep"),
    ],
)
def test_what_can_be_read_is_refused_by_the_query_language(
    administrator: httpx2.Client, query: str, words: str
) -> None:
    answer = ask(administrator, query)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "0xC0010003")
    assert words in answer.json()["Message"]


@pytest.mark.parametrize(
    "query",
    [titled(9_000), "(" * 9_000, "Title -eq a OR " * 10_000, "é" * 5_000, "x" * 1_000_000],
    ids=["9,000", "nested", "10,000 terms", "of many bytes", "a million"],
)
def test_what_cannot_be_read_is_refused_by_the_web_server_in_the_same_form(
    live_product: Product, query: str
) -> None:
    answer = asked(live_product, f"{LIST}?{urlencode({'QueryString': query})}")
    assert (answer.status, answer.headers["Content-Type"]) == (414, "application/json")
    refusal = json.load(answer)
    assert refusal["ErrorCode"] == "0xC00A0006"
    assert "8,190 bytes" in refusal["Message"]
    assert refusal["RequestId"] == answer.headers["X-Request-ID"]
    assert refusal["RequestId"] in live_product.logs()


@pytest.mark.parametrize("path", ["/API/Workflow/Instances", "/KeyfactorAPI/Workflow/Instances"])
def test_the_api_answers_so_in_any_case(live_product: Product, path: str) -> None:
    answer = asked(live_product, f"{path}?QueryString={'x' * 9_000}")
    assert (answer.status, answer.headers["Content-Type"]) == (414, "application/json")
    assert json.load(answer)["ErrorCode"] == "0xC00A0006"


@pytest.mark.parametrize("path", ["/workflow/instances", "/apis", "/"])
@pytest.mark.parametrize("length", [9_000, 1_000_000])
def test_the_portal_answers_a_page(
    live_product: Product, administrator: httpx2.Client, path: str, length: int
) -> None:
    answer = asked(live_product, f"{path}?query={'x' * length}")
    page = answer.read().decode()
    assert (answer.status, answer.headers["Content-Type"]) == (414, "text/html; charset=utf-8")
    assert "default-src" in answer.headers["Content-Security-Policy"]
    assert "This search is too long" in page
    assert "8,190 bytes" in page
    assert answer.headers["X-Request-ID"] in page
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert administrator.get(style).status_code == 200
