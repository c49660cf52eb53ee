"""PostgreSQL and Valkey under our supervisor survive what happens to them on a real machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.supervisor import accounts
from config.supervisor.children import wait_until
from config.supervisor.home import AlreadyRunning, Home, SupervisorError, open_home, private_folder
from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey

FAST = ["fsync=off"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "data")


@pytest.fixture(autouse=True)
def _temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="countersign-") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield


@contextlib.contextmanager
def running(server: Postgres | Valkey) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()


def remember(postgres: Postgres, word: str) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def remembered(postgres: Postgres) -> list[str]:
    with psycopg.connect(postgres.url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words ORDER BY word")]


def test_a_second_start_finds_the_data_again(home: Home) -> None:
    first = Postgres(home, FAST)
    with running(first):
        remember(first, "kept")
    second = Postgres(home, FAST)
    with running(second):
        assert remembered(second) == ["kept"]


def test_only_the_socket_and_only_with_the_password(home: Home) -> None:
    postgres = Postgres(home, FAST)
    with running(postgres):
        assert postgres.sockets.stat().st_mode & 0o777 == 0o700
        with psycopg.connect(postgres.url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(postgres.url.replace(postgres.password, "guess"))


def test_a_path_with_spaces_commas_and_quotes(tmp_path: Path) -> None:
    home = open_home(tmp_path / 'a folder, "quoted"')
    postgres, valkey = Postgres(home, FAST), Valkey(home)
    with running(postgres), running(valkey):
        remember(postgres, "here")
        assert redis.Redis.from_url(valkey.url).ping()


def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    home = open_home(tmp_path / ("long" * 30))
    postgres, valkey = Postgres(home, FAST), Valkey(home)
    with running(postgres), running(valkey):
        remember(postgres, "here")
        assert redis.Redis.from_url(valkey.url).ping()
    assert home.root not in home.run.parents


def test_below_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    postgres = Postgres(open_home(closed / "data"), FAST)
    with running(postgres):
        remember(postgres, "here")
    assert closed.stat().st_mode & 0o777 == 0o700


def test_where_namespaces_are_refused_the_data_still_comes_home(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_UNSHARE", ["false"])
    for expected in (["once"], ["once", "twice"]):
        postgres = Postgres(home, FAST)
        with running(postgres):
            remember(postgres, expected[-1])
            assert remembered(postgres) == expected
        assert (home.root / "postgres" / "PG_VERSION").exists()
        assert not list(home.root.glob("postgres.*"))


def test_a_killed_postmaster_is_followed_by_a_new_one(home: Home) -> None:
    postgres = Postgres(home, FAST)
    with running(postgres):
        remember(postgres, "kept")
        assert postgres.process
        postgres.process.kill()
        wait_until(lambda: not postgres.is_alive(), seconds=10)
        postgres.start()
        assert remembered(postgres) == ["kept"]


def test_a_pid_file_that_names_another_living_process_is_forgotten(home: Home) -> None:
    postgres = Postgres(home, FAST)
    with running(postgres):
        remember(postgres, "kept")
        stale = (postgres.folder / "postmaster.pid").read_text().splitlines()
    (postgres.folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *stale[1:]]))
    with running(postgres):
        assert remembered(postgres) == ["kept"]


def test_a_killed_supervisor_takes_its_server_along_and_the_next_one_recovers(home: Home) -> None:
    with holder(home) as first:
        assert first.stdout
        server = int(first.stdout.readline())
        refused = subprocess.run(
            [sys.executable, "-m", "tests.config.servers", str(home.root)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "already runs" in refused.stderr
        with pytest.raises(AlreadyRunning, match="DATA="):
            home.lock()
        first.kill()
        first.wait()
    postgres = Postgres(home, FAST)
    with home.lock(), running(postgres):
        assert postgres.process
        assert postgres.process.pid != server
        remember(postgres, "here")


@contextlib.contextmanager
def holder(home: Home) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.config.servers", str(home.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def test_a_half_made_data_folder_is_made_anew(home: Home) -> None:
    fresh = home.root / "postgres.new"
    fresh.mkdir()
    (fresh / "PG_VERSION").write_text("18")
    postgres = Postgres(home, FAST)
    with running(postgres):
        remember(postgres, "here")


def test_a_server_that_cannot_start_says_why(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.supervisor.postgres._RETRY_SECONDS", 0)  # what it lacks does not come later
    with pytest.raises(SupervisorError, match="no_such_setting"):
        Postgres(home, ["no_such_setting=1"]).start()


def test_valkey_keeps_its_entries_over_a_kill(home: Home) -> None:
    valkey = Valkey(home)
    with running(valkey):
        redis.Redis.from_url(valkey.url).set("word", "kept")
        assert valkey.process
        wait_until(lambda: b"kept" in b"".join(path.read_bytes() for path in valkey.folder.rglob("*.aof")), 5)
        valkey.process.kill()
        valkey.process.wait()
        valkey.start()
        assert redis.Redis.from_url(valkey.url).get("word") == b"kept"


def test_a_folder_that_somebody_else_could_prepare_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SupervisorError, match="somebody else"):
        private_folder(tmp_path / "run")
