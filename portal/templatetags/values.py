"""How values of an instance's data are shown: names, numbers, maps, lists, and text of any length."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.templatetags.countersign import moment
from workflows.errors import InvalidName
from workflows.pki import attributes, names, texts

register = template.Library()

# Longer values are folded: about two lines of a wide page, or as many short ones as fill that room.
FOLD_AT = 160
SHORT_LINE = 40
_BREAKS = "\n\r\t"
LONG_WORD = 22  # characters that every column has room for
_LONG = re.compile(rf"\S{{{LONG_WORD + 1},}}")
# Between the labels of a host and the parts of names, but so that no little rest begins a line: not `.com`.
_JOINT = re.compile(r"(?<=[-.\\/@_,])(?<!//)(?=\w{4})")


@register.filter
def folded(text: object, limit: int = FOLD_AT) -> SafeString:
    """Text as it is, or when long its beginning with the rest to unfold (works without JavaScript)."""
    shown = visible(str(text))
    if len(shown) <= limit and len(shown.splitlines()) <= limit // SHORT_LINE:
        return format_html('<span class="lines">{}</span>' if "\n" in shown else "{}", long_words(shown))
    start = " ".join(shown[:limit].split())[:64]
    return format_html(
        '<details class="fold"><summary><span class="start mono">{}…</span>'
        '<span class="more"><span class="open">{}</span><span class="less">{}</span></span></summary>'
        '<pre tabindex="0">{}</pre></details>',
        start,
        _("Show all %(size)s") % {"size": filesizeformat(len(shown.encode(errors="replace")))},
        _("Show less"),
        shown,
    )


def visible(text: str) -> str:
    """Text whose hidden characters show as their numbers: one that turns the direction misleads a signer."""
    if text.isprintable():
        return text
    return "".join(
        each if each in _BREAKS or texts.is_plain(each) else f"[U+{ord(each):04X}]" for each in text
    )


@register.filter
def breakable(name: str) -> SafeString:
    """A name that may be broken after the backslash of its domain, and like other long words."""
    return format_html_join(mark_safe("\\<wbr>"), "{}", ((long_words(part),) for part in name.split("\\")))


@register.filter
def long_words(text: object) -> SafeString:
    """Text whose long words, as those of hosts, are broken after a dot or hyphen before they are anywhere."""
    return mark_safe(_LONG.sub(lambda word: _JOINT.sub("<wbr>", word[0]), escape(text)))  # noqa: S308


@register.filter
def dn(text: str) -> SafeString:
    """A distinguished name with its parts set apart; the text itself when it cannot be read."""
    if not text:
        return format_html('<span class="absent">{}</span>', _("empty"))
    try:
        parts = [
            (attributes.label(part.oid), long_words(part.value))
            for part in reversed(list(names.parse_name(text)))
        ]
    except InvalidName:
        return format_html("{}", visible(text))
    joined = format_html_join(" ", '<span><span class="type">{}=</span>{}</span>', parts)
    return format_html('<span class="dn">{}</span>', joined)


@register.filter
def grouped(text: str, size: int = 4) -> SafeString:
    """Hexadecimal in groups; the gaps are drawn, so that a copied selection holds the plain value."""
    parts = ((text[start : start + size],) for start in range(0, len(text), size))
    return format_html('<span class="hex">{}</span>', format_html_join("", "<span>{}</span>", parts))


@register.filter
def shown(value: object) -> SafeString:
    """Any JSON value or time as HTML: maps as facts, lists as names, flags as words, long text folded."""
    match value:
        case None | "":
            return format_html('<span class="absent">{}</span>', _("empty"))
        case bool():
            return format_html("{}", _("Yes") if value else _("No"))
        case datetime():
            return moment(value)
        case Mapping():
            return _facts(value)
        case Sequence() if not isinstance(value, str):
            return _list(value)
    return folded(value)


def _facts(value: Mapping[str, object]) -> SafeString:
    if not value:
        return shown(None)
    rows = ((name, shown(entry)) for name, entry in value.items())
    return format_html(
        '<dl class="facts">{}</dl>', format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
    )


def _list(value: Sequence[object]) -> SafeString:
    if not value:
        return shown(None)
    return format_html(
        '<ul class="names">{}</ul>', format_html_join("", "<li>{}</li>", ((shown(entry),) for entry in value))
    )
