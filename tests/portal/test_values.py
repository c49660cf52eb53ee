"""How an instance's data is shown, whatever it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given

from portal.templatetags.values import breakable, dn, folded, grouped, long_words, shown

HOSTILE = '<script>alert("x")</script>'
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


def test_short_text_stays_as_it_is() -> None:
    assert folded("WebServer") == "WebServer"


@pytest.mark.parametrize("show", [folded, shown, dn])
def test_what_would_hide_or_turn_text_is_seen(show: Callable[[str], str]) -> None:
    assert show("invoice\u202egpj.exe\u200b\x07") == "invoice[U+202E]gpj.exe[U+200B][U+0007]"


def test_long_text_is_folded_with_its_size_and_all_of_it_inside() -> None:
    text = "-----BEGIN CERTIFICATE REQUEST-----\n" + "MIIB" * 500
    html = folded(text)
    assert "<details" in html
    assert "Show all 2.0\xa0KB" in html
    assert text in html


def test_a_few_lines_stay_lines_and_many_are_folded() -> None:
    assert folded("first\nsecond") == '<span class="lines">first\nsecond</span>'
    assert "<details" in folded("line\n" * 9)


def test_a_lone_surrogate_does_not_break_the_page() -> None:
    assert "<details" in folded("\ud800" * 400)


def test_a_name_is_shown_part_by_part() -> None:
    html = dn('CN=www.keyexample.com,O="Key Example, Inc.",C=US')
    assert words(html).split() == ["CN=", "www.keyexample.com", "O=", "Key", "Example,", "Inc.", "C=", "US"]
    assert "appsrvr12.<wbr>keyexample.com<" in dn("CN=appsrvr12.keyexample.com")


@pytest.mark.parametrize("text", ["CN=", "no name at all", f"CN={HOSTILE},"])
def test_what_is_no_name_is_shown_as_it_is(text: str) -> None:
    assert "<script" not in dn(text)
    assert text.split("<", maxsplit=1)[0] in dn(text)


def test_an_empty_name_is_said_to_be_empty() -> None:
    assert "empty" in dn("")


def test_hexadecimal_is_grouped_without_changing_what_is_copied() -> None:
    html = grouped("9F2A4C11D0")
    assert "<span>9F2A</span><span>4C11</span><span>D0</span>" in html
    assert re.sub(r"<[^>]+>", "", html) == "9F2A4C11D0"


def test_a_domain_name_may_break_after_its_backslash() -> None:
    assert breakable("COUNTERSIGN\\<b>") == "COUNTERSIGN\\<wbr>&lt;b&gt;"
    assert breakable("K\\service.of-inventory.emea") == "K\\<wbr>service.of-<wbr>inventory.<wbr>emea"


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("CN=appsrvr12.keyexample.com.", "CN=appsrvr12.<wbr>keyexample.com."),
        (
            "of files-for-long-names.west.keyexample.com",
            "of files-for-<wbr>long-<wbr>names.<wbr>west.<wbr>keyexample.com",
        ),
        ("COUNTERSIGN\\operator of keyexample.com", "COUNTERSIGN\\operator of keyexample.com"),
        ("<b>.keyexample.com/&copy.another", "&lt;b&gt;.<wbr>keyexample.com/&amp;copy.<wbr>another"),
        ("http://localhost:8471/pki/issuing-ca.crl", "http://localhost:8471/pki/<wbr>issuing-ca.crl"),
        ("a" * 60, "a" * 60),
        ("", ""),
    ],
)
def test_long_words_are_broken_where_they_are_joined(text: str, shown_as: str) -> None:
    assert long_words(text) == shown_as


def test_short_values_are_broken_like_titles() -> None:
    assert folded("requester@demo.keyexample.com") == "requester@<wbr>demo.<wbr>keyexample.com"
    assert "<wbr>" not in folded("x@demo.keyexample.com" * 20), "what is folded is copied as it is"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "empty"),
        ("", "empty"),
        ([], "empty"),
        ({}, "empty"),
        (True, "Yes"),
        (False, "No"),
        (0, "0"),
        (4711, "4711"),
        ({"DNS Name": {"Entry 1": "a.example"}}, "DNS Name Entry 1 a.example"),
        (["a", "b"], "a b"),
        (datetime(2026, 11, 22, 12, tzinfo=UTC), "2026-11-22 12:00"),
    ],
)
def test_values_are_shown_by_their_kind(value: object, expected: str) -> None:
    assert " ".join(words(shown(value)).split()) == expected


@given(json_values)
def test_any_value_is_shown(value: object) -> None:
    assert isinstance(shown(value), str)


@pytest.mark.parametrize("value", [HOSTILE, [HOSTILE], {HOSTILE: HOSTILE}, HOSTILE * 20])
def test_markup_in_values_is_shown_and_never_run(value: object) -> None:
    assert "<script" not in shown(value)
