"""Small tags of every page: icons, statuses, times, things to copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from portal import looks
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

register = template.Library()

UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))

Status = StepRunStatus | InstanceStatus | int | str | None


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, classes: str = "") -> str:
    """An icon of the lucide set, hidden from screen readers: the word stands beside it."""
    return lucide(name, size=24, **{"class": f"icon {classes}".strip(), "aria-hidden": "true"})


@register.simple_tag
def step_icon(extension: str) -> str:
    """The icon of a step type by its extension name."""
    return icon(looks.STEP_TYPES.get(extension, looks.UNKNOWN_STEP))


@register.inclusion_tag("components/status.html")
def status(value: Status, plain: bool = False) -> dict[str, Any]:
    """A badge for the status of an instance or a step run; None is a step not reached."""
    return {"look": looks.look_of(value), "plain": plain}


@register.filter
def tone(value: Status) -> str:
    """The tone of a status, for `data-tone`."""
    return looks.look_of(value).tone


@register.filter
def look(value: Status) -> looks.Look:
    return looks.look_of(value)


@register.simple_tag
def moment(value: datetime | None, relative: bool = False) -> SafeString:
    """A time in the reader's zone, to the minute or `relative` to now; its title is exact."""
    if value is None:
        return format_html('<span class="absent">{}</span>', _("not yet"))
    local = timezone.localtime(value)
    exact = f"{local:%Y-%m-%d %H:%M:%S %Z}"
    words = [distance(value, timezone.now())] if relative else [f"{local:%Y-%m-%d}", f"{local:%H:%M}"]
    # Spans, so that a narrow column may break between date and time but not inside the date.
    shown = format_html_join(" ", "<span>{}</span>", ((word,) for word in words))
    utc = value.astimezone(UTC).isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', utc, exact, shown)


def distance(value: datetime, now: datetime) -> str:
    """How far away a time is, in the largest unit: `3 hours ago`, `in 12 days`, `just now`."""
    if abs(value - now) < timedelta(minutes=1):
        return _("just now")
    if value < now:
        return _("%(time)s ago") % {"time": timesince(value, now, depth=1)}
    return _("in %(time)s") % {"time": timeuntil(value, now, depth=1)}


@register.filter
def duration(value: timedelta | float | None) -> str:
    """A span of time in its two largest units: `40 ms`, `3.2 s`, `3 min 10 s`, `2 d 4 h`; empty for None."""
    if value is None:
        return ""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    parts: list[str] = []
    rest = round(seconds)
    for size, name in UNITS:
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{amount} {name}")
    return " ".join(parts[:2])


@register.inclusion_tag("components/copyable.html")
def copyable(value: object, label: str, shown: str = "") -> dict[str, object]:
    """A value in one typeface with a button that copies it; `label` names it for screen readers."""
    return {"value": value, "label": label, "shown": shown or value}


@register.filter
def thousands(number: int) -> str:
    """A number of things as people read it: `10,000`. Not for numbers that name something."""
    return f"{number:,}"


@register.inclusion_tag("components/quorum.html")
def quorum(given: int, needed: int) -> dict[str, object]:
    """How many approvals of how many are given, as seals and as words."""
    return {"given": given, "needed": needed, "seals": [number < given for number in range(needed)]}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def column(context: Context, field: str, label: str) -> dict[str, object]:
    """The head of a column that the list sorts by `field`; `sort` and `request` come from the page."""
    return {"field": field, "label": label, "sort": context.get("sort"), "request": context["request"]}
