"""What the same PostgreSQL can do at best: bare psycopg on tables of the same shape, a process per client."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

STEPS = 5
Work = Callable[[psycopg.Connection, int], None]

_TABLES = """
    CREATE TABLE bench_instance (LIKE workflows_instance INCLUDING ALL);
    CREATE TABLE bench_steprun (LIKE workflows_steprun INCLUDING ALL);
    ALTER TABLE bench_instance SET (fillfactor = 80);
    CREATE TABLE bench_commit (id bigserial PRIMARY KEY, at timestamptz);
"""

_INSERT = """
    INSERT INTO bench_instance (guid, version_id, status, status_message, queue, ready_at, step_name,
        step_display_name, attempt, data, was_stopped, started_at, modified_at)
    VALUES (%s, 1, 1, '', 'bulk', %s, 'StartNOOP', 'StartNOOP', 0, '{}', false, %s, %s) RETURNING id
"""

_UPDATE = (
    "UPDATE bench_instance SET step_name = %s, status = %s, ready_at = %s, modified_at = %s WHERE id = %s"
)

_HISTORY = """
    INSERT INTO bench_steprun (instance_id, step_name, step_display_name, extension, attempt, status, output,
        message, content_digest, started_at, finished_at)
    VALUES (%s, %s, %s, 'NOOPStep', 1, 3, 'continue', '', '', %s, %s)
"""

_STEP_AS_ONE = f"WITH moved AS ({_UPDATE}) {_HISTORY}"


def create_tables(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLES)


def life5(connection: psycopg.Connection, own: int) -> None:
    """One instance's whole life: begun, then five times moved on with a line of history; six commits."""
    id_ = _begin(connection)
    for number in range(STEPS):
        step_in_two(connection, id_, number)


def step_in_two(connection: psycopg.Connection, id_: int, number: int = 0) -> None:
    """One durable step: UPDATE, INSERT, COMMIT."""
    now = datetime.now(UTC)
    connection.execute(_UPDATE, _moved(id_, number, now))
    connection.execute(_HISTORY, _line(id_, number, now))
    connection.commit()


def step_in_one(connection: psycopg.Connection, id_: int) -> None:
    """The same as one statement, which commits by itself."""
    connection.autocommit = True
    now = datetime.now(UTC)
    connection.execute(_STEP_AS_ONE, (*_moved(id_, 0, now), *_line(id_, 0, now)))


def commit(connection: psycopg.Connection, own: int) -> None:
    """The least that is durable: one row of two columns."""
    connection.autocommit = True
    connection.execute("INSERT INTO bench_commit (at) VALUES (now())")


WORKS: dict[str, Work] = {
    "durable commits": commit,
    "steps: UPDATE, INSERT, COMMIT": step_in_two,
    "steps as one statement": step_in_one,
    "life5: five steps, six commits": life5,
}


def rate(url: str, work: Work, clients: int, seconds: float) -> float:
    """How often per second `clients` processes together do `work`, each on an instance of its own."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(clients + 1)
    with context.Pool(clients, _enter, (gate,)) as pool:
        counts = pool.starmap_async(_count, [(url, work, seconds)] * clients, chunksize=1)
        gate.wait()
        return sum(counts.get()) / seconds


_gate = None


def _enter(gate: object) -> None:
    global _gate  # noqa: PLW0603 - a barrier reaches a pool's process only as it is made
    _gate = gate


def _count(url: str, work: Work, seconds: float) -> int:
    with psycopg.connect(url) as connection:
        own = _begin(connection)
        work(connection, own)
        _gate.wait()  # type: ignore[attr-defined]
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            work(connection, own)
            count += 1
    return count


def _begin(connection: psycopg.Connection) -> int:
    now = datetime.now(UTC)
    row = connection.execute(_INSERT, (uuid.uuid4(), now, now, now)).fetchone()
    connection.commit()
    assert row is not None
    return int(row[0])


def _moved(id_: int, number: int, now: datetime) -> tuple[object, ...]:
    is_last = number == STEPS - 1
    return f"NOOP{number}", 4 if is_last else 1, None if is_last else now, now, id_


def _line(id_: int, number: int, now: datetime) -> tuple[object, ...]:
    return id_, f"NOOP{number}", f"NOOP{number}", now, now
