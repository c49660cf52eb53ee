from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.notifications.plain_text import plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>One</p><p>two  <b>three</b></p>", "One\n\ntwo three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        (
            'See <a href="https://a.example/x?a=1&amp;b=2">the page</a>.',
            "See the page (https://a.example/x?a=1&b=2).",
        ),
        ("<a>no link</a>", "no link"),
        ("&lt;tag&gt; &amp; &nbsp; more", "<tag> & more"),
        ("<style>p {}</style><script>x()</script>seen", "seen"),
        ("<p>not closed", "not closed"),
        ("", ""),
    ],
)
def test_tags_become_lines_and_links_keep_their_address(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(
    st.lists(
        st.sampled_from(["<", "</", "<!", "<![", "]>", "--", ">", "&", "#", ";", "p", "a", '"', "=", " "])
    )
)
def test_it_reads_anything(parts: list[str]) -> None:
    assert "\n\n\n" not in plain_text("".join(parts))
