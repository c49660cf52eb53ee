"""Icons, statuses, times and things to copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import timezone

from portal import looks
from portal.templatetags.countersign import distance, duration, icon, moment, step_icon
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    return engines["django"].from_string("{% load countersign %}" + source).render(context)


@pytest.mark.parametrize("status", [*InstanceStatus, *StepRunStatus, None])
def test_every_status_has_an_icon_a_tone_and_a_word(status: InstanceStatus | StepRunStatus | None) -> None:
    badge = rendered("{% status status %}", status=status)
    look = looks.look_of(status)
    assert f'data-tone="{look.tone}"' in badge
    assert "<svg" in badge
    assert str(look.label) in badge


def test_statuses_of_instances_may_be_given_by_name_or_number() -> None:
    assert looks.look_of("Suspended") == looks.look_of(2) == looks.look_of(InstanceStatus.Suspended)


def test_equal_numbers_of_different_statuses_are_not_mixed_up() -> None:
    assert str(looks.look_of(StepRunStatus.Waiting).label) == "Waiting"
    assert str(looks.look_of(InstanceStatus.Suspended).label) == "Suspended"


@pytest.mark.parametrize("extension", [*looks.STEP_TYPES, "SomethingNew"])
def test_every_step_type_has_an_icon(extension: str) -> None:
    assert "<svg" in step_icon(extension)


def test_icons_are_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in icon("check")
    assert 'class="icon tone"' in icon("check", "tone")


def test_a_moment_is_exact_for_machines_and_local_for_people() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        shown = moment(NOON)
    assert 'datetime="2026-11-22T12:00:30+00:00"' in shown
    assert 'title="2026-11-22 07:00:30 EST"' in shown
    assert "<span>2026-11-22</span> <span>07:00</span>" in shown


def test_no_moment_is_said_so() -> None:
    assert "not yet" in moment(None)


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(hours=-3), "3\xa0hours ago"),
        (timedelta(days=12), "in 1\xa0week"),
        (timedelta(days=2), "in 2\xa0days"),
    ],
)
def test_distances_are_told_in_the_largest_unit(away: timedelta, words: str) -> None:
    assert distance(NOON + away, NOON) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.04, "40 ms"),
        (3.21, "3.2 s"),
        (59.6, "1 min"),
        (190, "3 min 10 s"),
        (timedelta(days=2, hours=4, minutes=3), "2 d 4 h"),
    ],
)
def test_durations_are_told_in_two_units(seconds: float | timedelta | None, words: str) -> None:
    assert duration(seconds) == words


def test_a_copy_button_names_and_holds_the_value() -> None:
    shown = rendered("{% copyable value 'Thumbprint' %}", value='9F"<2')
    assert 'data-copy="9F&quot;&lt;2"' in shown
    assert 'aria-label="Copy Thumbprint"' in shown


def test_a_quorum_shows_as_seals_and_as_words() -> None:
    shown = rendered("{% quorum 1 3 %}")
    assert shown.count("<i") == 3
    assert shown.count('class="given"') == 1
    assert "1 of 3 approvals" in shown
