"""DATABASE_URL as Django's DATABASES entry: a small pool per process and limits on every session."""

from __future__ import annotations

from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from config.env import SettingError

PATIENCE = 5  # seconds that a request waits for a connection


def database(url: str, *, threads: int, limits: dict[str, int]) -> dict[str, Any]:
    """The entry for `url`; `limits` are PostgreSQL timeouts in seconds, `threads` how many may ask at once.

    The pool opens with the first query, so after the fork, and gives up after five seconds: a dead database
    costs a request five seconds, not the pool's default of thirty. Of a server that is back it notices with
    the first request.
    """
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise SettingError(
            "DATABASE_URL: cannot be understood; use postgresql://user:password@host/name."
        ) from None
    sessions = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
    return {
        "ENGINE": "config.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        # A connection that died with the server is found before use, not by the request that gets it.
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **parts,
            "application_name": "countersign",
            "options": sessions,
            # Two beyond the threads: the worker's housekeeping and a health check beside a full house.
            "pool": {
                "min_size": 0,
                "max_size": threads + 2,
                "timeout": PATIENCE,
                # Attempts come at ever longer intervals; the next request begins anew, at once.
                "reconnect_timeout": PATIENCE,
            },
        },
    }
