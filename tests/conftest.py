"""One embedded pair a run: lazily in a single process, at once before the workers of pytest-xdist start."""

from __future__ import annotations

import os
from collections.abc import Iterator

import django
import hypothesis
import pytest
from pytest_django import DjangoDbBlocker

from tests.embedded import EmbeddedPair

hypothesis.settings.register_profile("countersign", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("countersign")
_PAIR = pytest.StashKey[EmbeddedPair]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # a worker of pytest-xdist finds all this in its environment
        pair = config.stash[_PAIR] = EmbeddedPair()
        os.environ.update(pair.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        if config.getoption("numprocesses", None):
            pair.start()
    django.setup()
    from tests import emptying  # Django is ready only now

    emptying.install()


def pytest_unconfigure(config: pytest.Config) -> None:
    if pair := config.stash.get(_PAIR, None):
        pair.stop()


@pytest.fixture(scope="session")
def embedded_pair(request: pytest.FixtureRequest) -> None:
    """PostgreSQL and Valkey are running; `settings.DATABASES` and `settings.REDIS_URL` name them."""
    if pair := request.config.stash.get(_PAIR, None):
        pair.start()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    embedded_pair: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Every test that asks for the database starts the pair."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Whoever still listens when the last test has ended must not keep the database from being dropped."""
    from django.db import connection  # Django is ready only when a test runs

    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of this machine must not stand between a test and its own servers."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _nobody_has_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """People of a test's world have the ids, and so the remembered log-ins, of those of the last."""
    from workflows.access import passwords  # Django is ready only when a test runs

    monkeypatch.setattr(passwords, "_verified", passwords.VerifiedLogins())


@pytest.fixture(autouse=True)
def _settings_of_the_environment() -> None:
    """No test begins with what another has set, or asks for it only because time has passed."""
    from workflows.actions.configured import _Seen  # Django is ready only when a test runs

    _Seen.overrides, _Seen.fresh_until = {}, float("inf")
