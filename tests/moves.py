"""PostgreSQL itself refuses every move of an instance that `statuses.MOVES` does not name."""

from __future__ import annotations

import psycopg
from django.db import connection

from workflows.vocabulary.statuses import MOVES

_PAIRS = ", ".join(f"({int(old)}, {int(new)})" for old, targets in MOVES.items() for new in targets)

GUARD = f"""
    CREATE FUNCTION guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN ({_PAIRS}) THEN
            RAISE EXCEPTION 'instance % must not move from % to %', OLD.id, OLD.status, NEW.status;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER guard_move BEFORE UPDATE ON workflows_instance
        FOR EACH ROW EXECUTE FUNCTION guard_move()
"""


def guard() -> None:
    """In the database of the running test; goes with its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(GUARD)


def guard_at(url: str) -> None:
    """In the database of a product that runs in other processes."""
    with psycopg.connect(url) as conn:
        conn.execute(GUARD)
