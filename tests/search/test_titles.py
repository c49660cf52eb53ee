"""Parts of titles are found by their telling pieces, and only where the whole part is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import builders
from workflows.models import Instance, InstanceRecord
from workflows.models.title_keys import groups, words
from workflows.search import titles
from workflows.search.apply import filter_queryset
from workflows.search.instances import FIELDS
from workflows.search.syntax import Comparison, Operator, to_text

NOW = datetime(2026, 3, 1, tzinfo=UTC)
COUNT = 150
_LONGER = {7: "ﬃ" * 390, 8: "x" * 9_000, 9: " and more" * 400}
COMMON = frozenset({"HOS", "OST", "ST-", ".KE", "KEY", "EY.", "Y.C", ".CO", "COM"})


@pytest.mark.parametrize(
    ("part", "pieces"),
    [
        ("host-391.key.com", ["391"]),
        ("host-391.key.com and 17", ["391", "and"]),
        ("host-39130", ["39130"]),
        ("391", ["391"]),
        ("host", []),
        ("39", []),
        ("host-1.key", []),  # no word of it has three characters, which is what the index keeps
    ],
)
def test_what_few_titles_have_is_asked_of_the_index(part: str, pieces: list[str]) -> None:
    assert list(titles._pieces(part, COMMON)) == pieces


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        ("host-391.key.com", ["391", "key"]),
        ("391.key", []),
        ("(391)", ["391"]),
        ("of a, CN=Höst-17.", ["a", "CN", "Höst", "17"]),
        ("", []),
        ("-", []),
        ("391", []),
        ("3913", ["3913"]),
        ("391307", ["3913", "1307"]),
        ("3913072468", ["3913", "0724", "2468"]),
        ("web7", ["web7"]),
        ("webs", []),
        ("öst391.key.host-1234", ["key", "host", "1234", "t391"]),
    ],
)
def test_keys_are_whole_words_and_groups_of_what_may_go_on(part: str, keys: list[str]) -> None:
    assert sorted(titles._keys(part)) == sorted(keys)


_TITLES = st.text(st.sampled_from("aZß0194 .-_@ÖİŉΐΣ"), max_size=40) | st.builds(
    lambda begin, word, times: begin + word * times,
    st.sampled_from(["", " ", "x"]),
    st.text(st.sampled_from("ab3ﬃ "), min_size=1, max_size=3),
    st.integers(1, 150),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(title=_TITLES)
def test_the_database_takes_the_same_keys_from_a_title(db: None, title: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT upper(%s), title_keys(%s)", [title, title])
        capitals, keys = cursor.fetchone()
    expected = {key for word in words(capitals) if word for key in (word[:100], *groups(word))}
    assert set(keys) == expected


def test_a_word_of_any_length_gives_its_keys_in_the_time_that_a_statement_has(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(title_keys(repeat('7', 1500000)))")
        assert cursor.fetchone() == (1 + 1_500_000 - 3,)


@pytest.fixture
def stored(db: None) -> list[str]:
    version = builders.publish(builders.noops(3))
    made = Instance.objects.bulk_create(
        Instance(version=version, started_at=NOW, modified_at=NOW) for _ in range(COUNT)
    )
    # Some are long, and one has a word that is longer than an index keeps.
    stored = [
        f"Renewal of a%_\\ certificate with CN=Höst-{number * 37}.keyexample.com.{_LONGER.get(number, '')}"
        for number in range(COUNT)
    ]
    InstanceRecord.objects.bulk_create(
        InstanceRecord(instance=each, definition=version.definition, started_at=NOW, title=title)
        for each, title in zip(made, stored, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflows_instancerecord")
    titles._common.cache_clear()
    return stored


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    number=st.integers(0, COUNT - 1),
    begin=st.integers(0, 60),
    size=st.integers(1, 70),
    operator=st.sampled_from([Operator.CONTAINS, Operator.ENDSWITH, Operator.NOTCONTAINS]),
    other=st.sampled_from(["", ".", "17", "%"]),
)
def test_it_finds_what_the_part_is_in(
    stored: list[str], *, number: int, begin: int, size: int, operator: Operator, other: str
) -> None:
    part = stored[number][begin : begin + size] + other
    if not part:
        return
    query = to_text(Comparison("Title", operator, part.swapcase()))
    found = filter_queryset(Instance.objects.all(), query, FIELDS, me=None, today=NOW.date())
    expected = [title for title in stored if _fits(title.upper(), operator, part.upper())]
    assert sorted(found.values_list("record__title", flat=True)) == sorted(expected)


def _fits(title: str, operator: Operator, part: str) -> bool:
    if operator is Operator.ENDSWITH:
        return title.endswith(part)
    return (part in title) is (operator is Operator.CONTAINS)


def test_what_most_titles_have_is_compared_without_the_index(stored: list[str]) -> None:
    sql = _asked('Title -contains "öst-551"')
    assert "|| ''" in sql
    assert "UPPER(%551%" in sql


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ('Title -contains "höst-5513.keyexample.com"', "5513"),
        ('Title -endswith "-5513.keyexample.com."', "5513"),
        ('Title -contains "Höst-5513.k"', "5513"),
        ("Title -contains 5513", "5513"),
        ("Title -contains 0037xyz", "7XYZ"),
    ],
)
def test_keys_are_asked_of_their_index(stored: list[str], query: str, key: str) -> None:
    sql = _asked(query, exactly="xyz" not in query)
    assert f"LEFT(UPPER({key})" in sql.replace("7xyz", "7XYZ")
    assert "KEYEXAMPLE" not in sql


@pytest.mark.parametrize("query", ["Title -notcontains 5513", "Title -contains 5513 OR Status -eq Failed"])
def test_keys_are_taken_anew_only_of_titles_that_have_the_part(stored: list[str], query: str) -> None:
    rows = filter_queryset(Instance.objects.all(), query, FIELDS, me=None, today=NOW.date())
    before = _taken()
    list(rows.values_list("pk"))
    assert _taken() - before <= 1


def _taken() -> int:
    """How often keys were taken from a title in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL track_functions = pl")
        cursor.execute("SELECT sum(calls) FROM pg_stat_xact_user_functions WHERE funcname = 'title_keys'")
        return int(cursor.fetchone()[0] or 0)


def _asked(query: str, *, exactly: bool = True) -> str:
    rows = filter_queryset(Instance.objects.all(), query, FIELDS, me=None, today=NOW.date())
    assert rows.count() == exactly
    return str(rows.query)
