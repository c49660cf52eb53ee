"""What clients were told during a fault, beside what the rows say after it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

import psycopg

from tests.connectors.servers import HttpServer

Answer = tuple[str, str]  # instance and person


@dataclass
class Ledger:
    """`accepted`: instances by the name in their request; `unclear`: what was asked and never answered."""

    accepted: dict[str, str] = field(default_factory=dict)
    approved: set[Answer] = field(default_factory=set)
    unclear: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)  # by status; 0 for none at all
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int) -> int:
        with self.lock:
            self.answers[status] += 1
        return status

    @property
    def broken(self) -> int:
        return sum(count for status, count in self.answers.items() if status == 0 or status >= 500)


@dataclass(frozen=True)
class Books:
    """Everything that the database holds of one definition's instances."""

    instances: dict[str, tuple[str, int]]  # requested name and status
    certificates: Counter[str]
    decisions: Counter[Answer]
    approvals_audited: int
    done: Counter[tuple[str, str]]  # instance and step
    keys: dict[str, tuple[str, str]]  # idempotency key to instance and step

    @classmethod
    def read(cls, url: str, definition: str) -> Books:
        with psycopg.connect(url) as connection:

            def rows(statement: str) -> list[tuple[str, ...]]:
                return connection.execute(_OF_DEFINITION + statement, {"definition": definition}).fetchall()

            return cls(
                instances={guid: (name, int(status)) for guid, name, status in rows(_INSTANCES)},
                certificates=Counter(guid for (guid,) in rows(_CERTIFICATES)),
                decisions=Counter((guid, name) for guid, name in rows(_DECISIONS)),
                approvals_audited=int(rows(_AUDITED)[0][0]),
                done=Counter((guid, step) for guid, step in rows(_DONE)),
                keys={key: (guid, step) for key, guid, step in rows(_KEYS)},
            )

    def effects(self, site: HttpServer) -> Counter[tuple[str, str]]:
        """How often each step had its effect at a server that does the same key only once."""
        return Counter(self.keys[key] for key in {seen.headers["idempotency-key"] for seen in site.seen})


def whereabouts(url: str, guid: str) -> str:
    """Where an instance stands and what its steps said, for whoever waits for it in vain."""
    with psycopg.connect(url) as connection:
        stands = connection.execute(_STANDS, (guid,)).fetchone()
        return f"{guid} {stands}: {connection.execute(_HISTORY, (guid,)).fetchall()}"


_STANDS = """
    SELECT status, status_message, step_name, queue, ready_at - statement_timestamp()
    FROM workflows_instance WHERE guid = %s
"""
_HISTORY = """
    SELECT step_name, s.attempt, s.status, s.message
    FROM workflows_steprun s JOIN workflows_instance i ON s.instance_id = i.id WHERE guid = %s ORDER BY s.id
"""

_OF_DEFINITION = """
    WITH ours AS (
        SELECT i.id, i.guid, i.status, i.request_id, r.title
        FROM workflows_instance i
        JOIN workflows_instancerecord r ON r.instance_id = i.id
        JOIN workflows_definitionversion v ON v.id = i.version_id
        JOIN workflows_definition d ON d.id = v.definition_id
        WHERE d.guid = %(definition)s
    )
"""
_INSTANCES = "SELECT guid::text, substring(title FROM 'CN=([^,.]+)'), status FROM ours"
_CERTIFICATES = "SELECT guid::text FROM ours JOIN workflows_certificate c USING (request_id)"
_DECISIONS = """
    SELECT guid::text, user_name FROM ours JOIN workflows_signaldecision s ON s.instance_id = ours.id
"""
_AUDITED = """
    SELECT count(*) FROM ours JOIN workflows_auditentry a ON a.immutable_identifier = guid::text
    WHERE a.operation = 4
"""
_DONE = """
    SELECT guid::text, step_name FROM ours JOIN workflows_steprun s ON s.instance_id = ours.id
    WHERE s.status = 3
"""
_KEYS = """
    SELECT DISTINCT idempotency_key::text, guid::text, step_name
    FROM ours JOIN workflows_steprun s ON s.instance_id = ours.id WHERE idempotency_key IS NOT NULL
"""
