"""The documentation as HTML: as much of Markdown as docs/ uses, every other character as text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

Resolve = Callable[[str], str]
"""From the address of a link to the one that the page has; empty where it leads out of the documentation."""

_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"(#{1,4}) (.+)")
_ITEM = re.compile(r"(?:([*-])|[0-9]+\.) (.+)")
_CELL = re.compile(r"(?<!\\)\|")
_INLINE = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\[(?P<words>[^\]]+)\]\((?P<there>[^)\s]+)\)")
_NO_WORD = re.compile(r"[^\w\- ]")


def to_html(text: str, resolve: Resolve) -> SafeString:
    parts = _FENCED.split(_COMMENT.sub("", text))  # every other one was fenced
    made = [
        f"<pre><code>{html.escape(part)}</code></pre>" if place % 2 else "".join(_blocks(part, resolve))
        for place, part in enumerate(parts)
    ]
    return mark_safe("".join(made))  # noqa: S308 - every text went through `html.escape`


def title_of(text: str) -> str:
    """The words of its first heading."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1].replace("`", "") if found else ""


def _blocks(text: str, resolve: Resolve) -> Iterator[str]:
    for is_blank, lines in groupby(text.splitlines(), lambda line: not line.strip()):
        if not is_blank:
            yield _block(list(lines), resolve)


def _block(lines: list[str], resolve: Resolve) -> str:
    if heading := _HEADING.fullmatch(lines[0]):
        rest = _block(lines[1:], resolve) if lines[1:] else ""
        return _heading(len(heading[1]), heading[2], resolve) + rest
    if lines[0].startswith("|"):
        return _table(lines, resolve)
    if item := _ITEM.match(lines[0]):
        return _list(lines, "ul" if item[1] else "ol", resolve)
    return f"<p>{_inline(' '.join(line.strip() for line in lines), resolve)}</p>"


def _heading(level: int, words: str, resolve: Resolve) -> str:
    anchor = _NO_WORD.sub("", words.lower()).replace(" ", "-")
    return f'<h{level} id="{html.escape(anchor)}">{_inline(words, resolve)}</h{level}>'


def _table(lines: list[str], resolve: Resolve) -> str:
    head, *rows = [_cells(line, resolve) for line in lines if not set(line) <= set("|-: ")]
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="table-scroll" tabindex="0">{table}</div>'


def _cells(line: str, resolve: Resolve) -> list[str]:
    cells = _CELL.split(line.strip().removeprefix("|").removesuffix("|"))
    return [_inline(cell.strip().replace("\\|", "|"), resolve) for cell in cells]


def _list(lines: list[str], kind: str, resolve: Resolve) -> str:
    """An item goes on in the lines that do not begin one."""
    items: list[str] = []
    for line in lines:
        if item := _ITEM.match(line):
            items.append(item[2])
        else:
            items[-1] += f" {line.strip()}"
    return f"<{kind}>{''.join(f'<li>{_inline(item, resolve)}</li>' for item in items)}</{kind}>"


def _inline(text: str, resolve: Resolve) -> str:
    made, at = [], 0
    for found in _INLINE.finditer(text):
        made += [html.escape(text[at : found.start()]), _marked(found, resolve)]
        at = found.end()
    return "".join([*made, html.escape(text[at:])])


def _marked(found: re.Match[str], resolve: Resolve) -> str:
    if found["code"]:
        return f"<code>{html.escape(found['code'])}</code>"
    if found["bold"]:
        return f"<strong>{_inline(found['bold'], resolve)}</strong>"
    words, there = _inline(found["words"], resolve), resolve(found["there"])
    return f'<a href="{html.escape(there)}">{words}</a>' if there else words
