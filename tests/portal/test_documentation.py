"""The documentation that comes with the product."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urldefrag

import pytest
from django.conf import settings
from django.test import Client

from portal.markdown import title_of, to_html
from tests.portal.conftest import Visitors

NAMES = sorted(
    each.relative_to(settings.BASE_DIR / "docs").with_suffix("").as_posix()
    for each in (settings.BASE_DIR / "docs").rglob("*.md")
)


@pytest.fixture
def client(visit: Visitors) -> Client:  # type: ignore[override]
    return visit("stranger")


def body_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_every_page_is_there_and_no_link_leads_nowhere(client: Client) -> None:
    pages = {f"/help/{name}": body_of(client, f"/help/{name}") for name in NAMES}
    pages["/help"] = body_of(client, "/help")
    for path, body in pages.items():
        assert "```" not in body, path
        assert not re.search(r"<(?:p|td|li)>[^<]*(?:\]\(|\*\*)", body), path
        for link in re.findall(r'href="([^"]*)"', body):
            there, anchor = urldefrag(unescape(link))
            if "://" not in there:
                assert there in pages or there == "", f"{path}: {link}"
                assert not anchor or f'id="{anchor}"' in pages[there or path], f"{path}: {link}"


@pytest.mark.parametrize("name", ["nothing", "../README", "..%2fREADME", "/etc/passwd", "x" * 2_000, "a.md"])
def test_nothing_else_is_there(client: Client, name: str) -> None:
    assert client.get(f"/help/{name}").status_code == 404


def test_the_help_menu_leads_there(client: Client) -> None:
    assert '<a href="/help">' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("# One `two`\nthree\nfour", '<h1 id="one-two">One <code>two</code></h1><p>three four</p>'),
        ("* a\n  b\n* **c**", "<ul><li>a b</li><li><strong>c</strong></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("```sh\n<b>\n\n* c\n```", "<pre><code>&lt;b&gt;\n\n* c\n</code></pre>"),
        ("[a](b.md) [c](gone)", '<p><a href="/b">a</a> c</p>'),
        ("<script> & `<b>`", "<p>&lt;script&gt; &amp; <code>&lt;b&gt;</code></p>"),
        ("<!-- no -->\n\ntext", "<p>text</p>"),
    ],
)
def test_markdown(text: str, made: str) -> None:
    assert to_html(text, lambda there: {"b.md": "/b"}.get(there, "")) == made


def test_a_table() -> None:
    made = to_html("| a | b |\n| --- | --- |\n| `c \\| d` | e |", str)
    assert '<th scope="col">a</th><th scope="col">b</th>' in made
    assert "<td><code>c | d</code></td><td>e</td>" in made


def test_the_title() -> None:
    assert title_of("<!-- x -->\n# The `title`\n\n## other") == "The title"
