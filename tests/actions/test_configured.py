"""Application settings in force: each process sees a change within seconds, and two changers never cross."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from pytest_django import Settings

from workflows.access.actors import TIMER_SERVICE
from workflows.actions import app_settings, configured
from workflows.actions.app_settings import Change
from workflows.actions.configured import ENROLL_WAIT_SECONDS, PURGE_AGE_DAYS
from workflows.errors import VersionConflict
from workflows.models import AppSettingValue, AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    configured.forget()


def store(name: str, value: str | None) -> None:
    """As another process does: this one is not told."""
    AppSettingValue.objects.update_or_create(name=name, defaults={"value": value})


def test_a_change_of_another_process_is_seen_soon(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PURGE_AGE_DAYS = 10
    monkeypatch.setattr(configured, "FRESH_SECONDS", 0.2)
    assert PURGE_AGE_DAYS.value() == 10
    for text, value in (("90", 90), ("", None), (None, 10)):
        store("PurgeAgeDays", text)
        end = time.monotonic() + 30
        while PURGE_AGE_DAYS.value() != value and time.monotonic() < end:
            time.sleep(0.02)
        assert PURGE_AGE_DAYS.value() == value


def test_it_costs_one_query_in_a_while(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        for setting in configured.ALL * 20:
            setting.value()


@pytest.mark.parametrize("text", ["999", "many", ""])
def test_what_cannot_be_is_the_default(settings: Settings, text: str) -> None:
    settings.ENROLL_WAIT_SECONDS = 17
    store("EnrollWaitSeconds", text)
    assert ENROLL_WAIT_SECONDS.value() == 17


@pytest.mark.parametrize("setting", configured.ALL, ids=lambda each: each.name)
def test_the_default_of_every_setting_could_be_typed(setting: configured.AppSetting[object]) -> None:
    assert setting.kind.parse(setting.kind.text(setting.default)) == setting.default


def test_ids_and_names_are_their_own() -> None:
    for attribute in ("id", "name", "display_name"):
        values = [getattr(each, attribute) for each in configured.ALL]
        assert len(set(values)) == len(values)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_saw_the_same_one_is_refused() -> None:
    barrier = threading.Barrier(2, timeout=60)

    def change(text: str) -> bool:
        try:
            barrier.wait()
            app_settings.change([Change(PURGE_AGE_DAYS, text, version=0)], actor=TIMER_SERVICE)
        except VersionConflict:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, ["30", "90"])) == [False, True]
    assert AppSettingValue.objects.get().version == 1
    assert AuditEntry.objects.count() == 1
