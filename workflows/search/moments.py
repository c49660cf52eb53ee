"""Dates in queries: a day, an instant, or so many days from today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

FIRST_YEAR = 1900

_TODAY = re.compile(r"%TODAY(?:(?P<sign>[-+ ])(?P<days>[0-9]{1,9}))?%", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    _DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[-+][0-9]{2}:?[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last microsecond that a value names, in UTC."""

    first: datetime
    last: datetime


def parse_moment(text: str, today: date, zone: tzinfo = UTC) -> Span:
    """A date is that whole day in `zone`, a date with a time one instant (there, where it names no zone).

    Raises ValueError, fit to be shown, for what is no date and for years before 1900 or after 9999.
    """
    text = text.strip().upper()
    try:
        if match := _TODAY.fullmatch(text):
            return _day(_shifted(today, match), zone)
        if _DAY.fullmatch(text):
            return _day(date.fromisoformat(text), zone)
        if _INSTANT.fullmatch(text):
            return _instant(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        raise ValueError(f"there is no such date between the years {FIRST_YEAR} and 9999.") from None
    raise ValueError("expected a date like 2024-12-31, 2024-12-31T23:59:59Z or %TODAY+7%.")


def _shifted(today: date, match: re.Match[str]) -> date:
    """A client that does not encode the `+` of `%TODAY+7%` in its URL sends a space."""
    days = timedelta(days=int(match["days"] or 0))
    return today - days if match["sign"] == "-" else today + days


def _day(day: date, zone: tzinfo) -> Span:
    _check_year(day)
    return Span(_utc(datetime.combine(day, time.min, zone)), _utc(datetime.combine(day, time.max, zone)))


def _instant(moment: datetime, zone: tzinfo) -> Span:
    _check_year(moment)
    moment = moment.replace(tzinfo=moment.tzinfo or zone).astimezone(UTC)
    return Span(moment, moment)


def _utc(moment: datetime) -> datetime:
    """West of Greenwich the last day of 9999 ends when UTC has no dates left."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _check_year(day: date) -> None:
    if day.year < FIRST_YEAR:
        raise ValueError
