"""Dates in queries: a day, a moment of it, or so many days from today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

FIRST_YEAR = 1900

_TODAY = re.compile(r"%TODAY(?:(?P<sign>[-+ ])(?P<days>[0-9]{1,9}))?%", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    _DAY.pattern
    + r"[T ][0-9]{2}:[0-9]{2}(?P<second>:[0-9]{2}(\.(?P<digits>[0-9]+))?)?(Z|[-+][0-9]{2}:?[0-9]{2})?"
)
_SHORTEST = timedelta(microseconds=1)  # that PostgreSQL and Python keep


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last microsecond that a value names, in UTC."""

    first: datetime
    last: datetime


def parse_moment(text: str, today: date, zone: tzinfo = UTC) -> Span:
    """A date is that whole day in `zone`; with a time (there, where it names no zone) it is what begins then.

    That lasts as long as the time is precise: a minute, a second, or what its last digit counts.

    Raises ValueError, fit to be shown, for what is no date and for years before 1900 or after 9999.
    """
    text = text.strip().upper()
    try:
        if match := _TODAY.fullmatch(text):
            return _day(_shifted(today, match), zone)
        if _DAY.fullmatch(text):
            return _day(date.fromisoformat(text), zone)
        if match := _MOMENT.fullmatch(text):
            return _moment(datetime.fromisoformat(text), _precision(match), zone)
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


def _moment(first: datetime, length: timedelta, zone: tzinfo) -> Span:
    _check_year(first)
    first = first.replace(tzinfo=first.tzinfo or zone).astimezone(UTC)
    return Span(first, first + (length - _SHORTEST))


def _precision(match: re.Match[str]) -> timedelta:
    if not match["second"]:
        return timedelta(minutes=1)
    return timedelta(microseconds=10 ** max(6 - len(match["digits"] or ""), 0))


def _utc(moment: datetime) -> datetime:
    """West of Greenwich the last day of 9999 ends when UTC has no dates left."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _check_year(day: date) -> None:
    if day.year < FIRST_YEAR:
        raise ValueError
