from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressions.strategies import json_values, texts
from workflows.engine.expressions.places import Place, split_addresses
from workflows.engine.expressions.rendering import check, render, render_structure
from workflows.errors import InvalidInput, MissingToken

EVERYWHERE = [place for place in Place if place is not Place.JSON_BODY]
ONE_LINE = [Place.HEADER, Place.SUBJECT, Place.ADDRESS]


def text_of(value: Any) -> str:
    return render("$(v)", {"v": value}, Place.TEXT)


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), ("", ""), (True, "True"), (False, "False"), (5, "5"), (1.5, "1.5"), (["é"], '["é"]'),
     ({"a": 1}, '{"a": 1}')],
)  # fmt: skip
def test_values_in_words(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("place", list(Place))
def test_a_missing_value_is_an_error_that_names_the_token(place: Place) -> None:
    template = '{"a": "$(gone)"}' if place is Place.JSON_BODY else "https://example.com/$(gone)"
    for data in ({}, {"gone": None}):
        with pytest.raises(MissingToken, match=r"\$\(gone\)"):
            render(template, data, place)


@pytest.mark.parametrize("place", list(Place))
def test_text_without_tokens_stays(place: Place) -> None:
    assert render("<a> 50 % $5", {}, place) == "<a> 50 % $5"


def test_aliases_reach_every_place() -> None:
    assert render("To $(CN)", {}, Place.SUBJECT, {"cn": lambda data: "www"}) == "To www"


class TestHtml:
    def test_values_are_escaped_and_the_template_is_not(self) -> None:
        assert render("<b>$(v)</b>", {"v": "<i>'\"&"}, Place.HTML) == "<b>&lt;i&gt;&#x27;&quot;&amp;</b>"

    @given(texts)
    def test_no_value_leaves_its_text(self, value: str) -> None:
        written = render('<a title="$(v)">$(v)</a>', {"v": value}, Place.HTML)[10:-4]
        assert not set("<'") & set(written.replace('">', ""))
        assert html.unescape(written) == f'{value}">{value}'


class TestForms:
    @given(json_values, texts)
    def test_every_field_keeps_its_value(self, first: Any, second: str) -> None:
        try:
            body = render("a=$(v)&b=-$(w)-&c=1", {"v": first, "w": second}, Place.FORM_BODY)
        except MissingToken:
            assert first is None
            return
        assert parse_qsl(body, keep_blank_values=True) == [
            ("a", text_of(first)),
            ("b", f"-{second}-"),
            ("c", "1"),
        ]


class TestLines:
    @pytest.mark.parametrize("place", ONE_LINE)
    @pytest.mark.parametrize("value", ["a\r\nBcc: x", "a\n", "\r", "\0x", "a\x0bb", "\x85", "\u2028", "\x7f"])
    def test_a_value_that_ends_the_line_is_refused(self, place: Place, value: str) -> None:
        with pytest.raises(InvalidInput, match=r"The value of \$\(v\) has a line break"):
            render("a $(v)", {"v": value}, place)

    @pytest.mark.parametrize("place", ONE_LINE)
    def test_so_is_a_template_of_two_lines(self, place: Place) -> None:
        with pytest.raises(InvalidInput, match="one line"):
            render("a\n$(v)", {"v": "x"}, place)
        with pytest.raises(InvalidInput, match="one line"):
            check("a\nb", place)

    @given(json_values, st.sampled_from(ONE_LINE))
    def test_no_value_begins_another_line(self, value: Any, place: Place) -> None:
        try:
            written = render("X: $(v)", {"v": value}, place)
        except InvalidInput:
            return
        assert len(written.splitlines()) == 1
        assert written.startswith("X: ")

    def test_one_token_may_give_several_addresses(self) -> None:
        data = {"two": "a@example.com; b@example.com", "list": ["c@example.com", "a@example.com"]}
        written = render_structure(["$(two)", "d@example.com", "$(list)"], data, Place.ADDRESS)
        assert split_addresses(written) == [f"{name}@example.com" for name in "abdc"]


class TestUrls:
    def test_values_are_percent_encoded(self) -> None:
        url = render("https://example.com/$(v)?q=$(v)#$(v)", {"v": "a/b?c=d&é #"}, Place.URL)
        encoded = "a%2Fb%3Fc%3Dd%26%C3%A9%20%23"
        assert url == f"https://example.com/{encoded}?q={encoded}#{encoded}"

    @pytest.mark.parametrize(
        "template",
        ["$(v)", "$(v)://example.com/", "https://$(v)/", "https://example.com$(v)", "https://example.com:$(v)/",
         "https://$(v)@example.com/", "https://example.com\\$(v)", "//$(v)/", "/path/$(v)", "ftp://example.com/$(v)"],
    )  # fmt: skip
    def test_a_token_never_chooses_the_server(self, template: str) -> None:
        with pytest.raises(InvalidInput, match=r"may not stand in the host|begins with https"):
            render(template, {"v": "x"}, Place.URL)
        with pytest.raises(InvalidInput):
            check(template, Place.URL)

    def test_the_definition_may_let_it(self) -> None:
        data = {"host": "store.example.com", "port": 8443, "path": "a b"}
        url = render("https://$(host):$(port)/$(path)", data, Place.URL, allow_host=True)
        assert url == "https://store.example.com:8443/a%20b"
        check("https://$(host)/", Place.URL, allow_host=True)

    @pytest.mark.parametrize(
        "value", ["", "a/b", "user@host", "a?b", "a#b", "a\\b", "a b", "a%2fb", "é", "a\n"]
    )
    def test_even_then_only_host_and_port(self, value: str) -> None:
        with pytest.raises(InvalidInput, match="no host or port"):
            render("https://$(v)/", {"v": value}, Place.URL, allow_host=True)

    def test_even_then_never_the_scheme(self) -> None:
        with pytest.raises(InvalidInput, match="begins with https"):
            render("$(v)://example.com/", {"v": "http"}, Place.URL, allow_host=True)

    def test_a_host_in_broken_brackets_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="no valid host"):
            render("https://$(v)/", {"v": "["}, Place.URL, allow_host=True)

    @pytest.mark.parametrize("value", [".", ".."])
    def test_no_value_walks_up_the_path(self, value: str) -> None:
        with pytest.raises(InvalidInput, match="as a segment"):
            render("https://example.com/users/$(v)/keys", {"v": value}, Place.URL)

    def test_an_empty_value_is_refused_in_the_path_and_allowed_in_the_query(self) -> None:
        with pytest.raises(InvalidInput, match="empty"):
            render("https://example.com/users/$(v)", {"v": ""}, Place.URL)
        assert render("https://example.com/?q=$(v)", {"v": ""}, Place.URL) == "https://example.com/?q="

    @given(json_values)
    def test_every_part_keeps_its_value(self, value: Any) -> None:
        try:
            url = render("https://example.com:8443/a/$(v)/b?q=$(v)&r=1#$(v)", {"v": value}, Place.URL)
        except InvalidInput:
            assert value in (None, "", ".", "..")
            return
        parts = urlsplit(url)
        expected = text_of(value)
        assert (parts.scheme, parts.netloc) == ("https", "example.com:8443")
        assert [unquote(each) for each in parts.path.split("/")] == ["", "a", expected, "b"]
        assert [unquote(each) for each in parts.query.split("&")] == [f"q={expected}", "r=1"]
        assert unquote(parts.fragment) == expected


class TestJsonBodies:
    def test_a_token_in_quotes_is_escaped_and_one_without_is_a_value(self) -> None:
        data = {"text": 'say "hi"\n', "list": [1, None, "x"], "flag": True}
        body = render(
            '{"a": "$(text)!", "b": $(list), "c": $(flag), "d": "$(flag) $(list)"}', data, Place.JSON_BODY
        )
        assert json.loads(body) == {
            "a": 'say "hi"\n!',
            "b": [1, None, "x"],
            "c": True,
            "d": 'True [1, null, "x"]',
        }

    def test_quotes_escaped_by_the_author_do_not_end_the_text(self) -> None:
        assert json.loads(render(r'{"a": "\"$(v)\\"}', {"v": '"'}, Place.JSON_BODY)) == {"a": '""\\'}

    def test_null_may_be_a_value_but_not_part_of_a_text(self) -> None:
        assert render('{"a": $(v)}', {"v": None}, Place.JSON_BODY) == '{"a": null}'
        with pytest.raises(MissingToken):
            render('{"a": "$(v)"}', {"v": None}, Place.JSON_BODY)

    @pytest.mark.parametrize(
        ("template", "place"),
        [
            ('{"a": $(v)', "line 1, column 11"),
            ('{"a":\n x$(v)}', "line 2, column 2"),
            ("{$(v): 1}", "column 2"),
            ('{"a": "$(v)}', "column 7"),
            ('{"a": 1$(v)}', "column 8"),
            ('{"a": NaN, "b": $(v)}', "NaN is no JSON"),
            (r'{"a": "\$(v)"}', "column 8"),
            ('{"a": 1, "a": $(v)}', "two members of one name"),
            ("[" * 5000 + "$(v)", "nested too deeply"),
        ],
    )
    def test_an_authors_mistake_shows_with_its_place_whatever_the_data(
        self, template: str, place: str
    ) -> None:
        with pytest.raises(InvalidInput, match=place):
            render(template, {"v": "x"}, Place.JSON_BODY)
        with pytest.raises(InvalidInput, match=place):
            check(template, Place.JSON_BODY)

    def test_a_value_cannot_replace_another_member(self) -> None:
        with pytest.raises(InvalidInput, match="two members of one name"):
            render('{"approved": false, "$(v)": true}', {"v": "approved"}, Place.JSON_BODY)

    def test_no_body_is_allowed(self) -> None:
        check("", Place.JSON_BODY)
        check("  ", Place.JSON_BODY)

    @given(json_values, json_values, texts)
    def test_every_member_keeps_its_value(self, first: Any, second: Any, third: str) -> None:
        template = '{"a": $(first), "b": ["$(second)", {"c": "-$(third)-"}], "z": 1}'
        data = {"first": first, "second": second, "third": third}
        try:
            body = render(template, data, Place.JSON_BODY)
        except MissingToken:
            assert second is None
            return
        assert json.loads(body) == {"a": first, "b": [text_of(second), {"c": f"-{third}-"}], "z": 1}

    @given(
        st.text(alphabet='{}[]",:\\ 1', max_size=12),
        st.text(alphabet='{}[]",:\\ 1', max_size=12),
        json_values,
    )
    def test_any_template_gives_json_or_a_clear_error(self, before: str, after: str, value: Any) -> None:
        try:
            body = render(f"{before}$(v){after}", {"v": value}, Place.JSON_BODY)
        except InvalidInput:
            return
        json.loads(body)


class TestStructures:
    def test_texts_inside_are_filled_and_the_rest_stays(self) -> None:
        parameters = {"a": ["$(v)", 5, None], "b": {"$(v)": "-$(v)-"}, "c": True}
        assert render_structure(parameters, {"v": "<"}, Place.HTML) == {
            "a": ["&lt;", 5, None],
            "b": {"$(v)": "-&lt;-"},
            "c": True,
        }

    def test_a_lone_token_gives_the_value_itself(self) -> None:
        data = {"n": 2, "list": [1], "none": None}
        parameters = {"n": "$(n)", "list": "$(list)", "none": "$(none)", "text": "n=$(n)"}
        assert render_structure(parameters, data, Place.VALUE) == {
            "n": 2,
            "list": [1],
            "none": None,
            "text": "n=2",
        }

    def test_a_slip_is_found_inside(self) -> None:
        with pytest.raises(InvalidInput, match="is no token"):
            check({"a": ["fine $(v)", "not $(v"]}, Place.TEXT)

    @given(json_values, st.sampled_from(EVERYWHERE))
    def test_checking_never_fails_otherwise(self, value: Any, place: Place) -> None:
        try:
            check(value, place)
        except InvalidInput:
            return
