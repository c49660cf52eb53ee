from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.search.moments import Span, parse_moment

TODAY = date(2024, 2, 28)


MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
TENTH, MICROSECOND = timedelta(milliseconds=100), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "moment", "length"),
    [
        ("2022-09-01T00:00:00Z", datetime(2022, 9, 1, tzinfo=UTC), SECOND),
        ("2022-09-01t10:00:00z", datetime(2022, 9, 1, 10, tzinfo=UTC), SECOND),
        ("2022-09-01T10:00", datetime(2022, 9, 1, 10, tzinfo=UTC), MINUTE),
        ("2022-09-01 10:00:05.5", datetime(2022, 9, 1, 10, 0, 5, 500_000, tzinfo=UTC), TENTH),
        ("2022-09-01 10:00:05.500", datetime(2022, 9, 1, 10, 0, 5, 500_000, tzinfo=UTC), TENTH / 100),
        ("2022-09-01T10:00:00.123456Z", datetime(2022, 9, 1, 10, 0, 0, 123_456, tzinfo=UTC), MICROSECOND),
        ("2022-09-01T10:00:00.1234567Z", datetime(2022, 9, 1, 10, 0, 0, 123_456, tzinfo=UTC), MICROSECOND),
        ("2022-09-01T01:00:00+02:00", datetime(2022, 8, 31, 23, tzinfo=UTC), SECOND),
        ("2022-09-01T01:00-0530", datetime(2022, 9, 1, 6, 30, tzinfo=UTC), MINUTE),
        (" 1900-01-01T00:00:00Z ", datetime(1900, 1, 1, tzinfo=UTC), SECOND),
        ("1900-01-01T00:00:00+10:00", datetime(1899, 12, 31, 14, tzinfo=UTC), SECOND),
        ("9999-12-31T23:59Z", datetime(9999, 12, 31, 23, 59, tzinfo=UTC), MINUTE),
    ],
)
def test_a_moment_is_as_long_as_it_is_precise(text: str, moment: datetime, length: timedelta) -> None:
    span = parse_moment(text, TODAY)
    assert (span.first, span.last) == (moment, moment + (length - MICROSECOND))
    assert span.first.tzinfo is span.last.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z"),
        ("%TODAY%", "2024-02-27T23:00:00Z", "2024-02-28T22:59:59.999999Z"),
        ("2026-07-01 10:00", "2026-07-01T08:00:00Z", "2026-07-01T08:00:59.999999Z"),
        ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z", "2026-07-01T10:00:00.999999Z"),
    ],
)
def test_days_of_another_zone(text: str, first: str, last: str) -> None:
    span = parse_moment(text, TODAY, ZoneInfo("Europe/Berlin"))
    assert span == Span(datetime.fromisoformat(first), datetime.fromisoformat(last))


def test_the_last_day_ends_everywhere() -> None:
    assert parse_moment("9999-12-31", TODAY, ZoneInfo("America/New_York")).last.year == 9999


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022-09-01", date(2022, 9, 1)),
        ("1900-01-01", date(1900, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("%TODAY%", TODAY),
        ("%today%", TODAY),
        ("%TODAY+2%", date(2024, 3, 1)),
        ("%TODAY-28%", date(2024, 1, 31)),
        ("%TODAY+0%", TODAY),
        ("%TODAY 2%", date(2024, 3, 1)),
    ],
)
def test_a_day_is_the_whole_day(text: str, day: date) -> None:
    span = parse_moment(text, TODAY)
    assert (span.first.date(), span.last.date()) == (day, day)
    assert (span.first.hour, span.last.hour, span.last.microsecond) == (0, 23, 999_999)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "2022", "20220901", "2022-W01-1", "1/9/2022", "2022-13-01", "2022-02-30", "10000-01-01",
        "1899-12-31", "0000-01-01", "2022-09-01T25:00:00", "2022-09-01T24:00", "2022-09-01T00:00:60Z",
        "2022-09-01T00:00:00+25:00", "9999-12-31T23:59:59-05:00", "%TODAY+9999999%", "%TODAY-999999999%",
        "%TODAY+%", "%TODAY*2%", "%TODAY", "\u0662\u0660\u0662\u0662-\u0660\u0669-\u0660\u0661",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a date like|there is no such date"):
        parse_moment(text, TODAY)


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30), timezones=zones))  # noqa: DTZ001
def test_every_date_is_read_as_it_was_written(moment: datetime) -> None:
    span = parse_moment(moment.isoformat(), TODAY)
    assert span.first == moment


@given(st.text() | st.text(alphabet="0123456789-+:TZ.% ODAY", max_size=30), st.dates())
def test_any_text_is_a_date_or_refused(text: str, today: date) -> None:
    try:
        span = parse_moment(text, today)
    except ValueError:
        return
    assert span.first <= span.last
