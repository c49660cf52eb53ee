"""One run: the limits, each scenario between two looks at `life5`, the latencies; printed as a table."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from django.core.management import call_command
from django.db import connection

from tests import builders, world
from tests.benchmarks import (
    latency,
    limits,
    scenarios,
    stack,
    step_types,  # noqa: F401 - installs the step type
)
from tests.benchmarks.latency import Latency
from tests.benchmarks.scenarios import Rate
from tests.product import running_product
from tests.world import World
from workflows.models import DefinitionVersion

LIMIT_SECONDS = 3.0
LATENCIES = 200
CERTIFICATES = 100


@dataclass(frozen=True)
class Report:
    """What one run knows; `scale` makes every count smaller for a quick look."""

    home: stack.Home
    url: str
    scale: float

    def run(self, *, processes: int, threads: int) -> None:
        call_command("migrate", verbosity=0)
        scenery = world.make(self.home.root)
        limits.create_tables(self.url)
        _head(processes, threads)
        self._limits()
        with stack.workers(self.home, processes=processes, threads=threads):
            self._throughput(scenery)
            self._signals(scenery)
        self._certificates()

    def _limits(self) -> None:
        print(f"\n{'limits of this PostgreSQL, per second':44}{'1 client':>12}{'8 clients':>12}")
        for name, work in limits.WORKS.items():
            rates = [limits.rate(self.url, work, clients, LIMIT_SECONDS) for clients in (1, 8)]
            print(f"{name:44}{rates[0]:>12,.0f}{rates[1]:>12,.0f}", flush=True)

    def _throughput(self, scenery: World) -> None:
        pure, outside = builders.publish(builders.noops(5)), builders.publish(outside_steps())
        waiting = _with_approval(scenery)
        scenarios.bulk(pure.pk, 200)
        print(f"\n{'instances':44}{'per second':>12}{'÷ life5':>9}{'goal':>7}{'CPU ms':>9}{'PG ms':>8}")
        self._rate("five pure steps, by one source", 4, 20_000, lambda n: scenarios.bulk(pure.pk, n))
        alone = self._rate(
            "five pure steps, one by one", 0.6, 2_000, lambda n: scenarios.one_by_one(pure.pk, n)
        )
        self._rate("five outside no-op steps", 0.25, 2_000, lambda n: scenarios.bulk(outside.pk, n))
        self._rate(
            "one approval in the middle",
            0.35,
            1_000,
            lambda n: scenarios.approved(waiting.pk, scenery.approver.pk, n),
        )
        issued = self._rate(
            "enrollment, built-in CA, P-256",
            None,
            500,
            lambda n: scenarios.enrolled(scenery.requester.pk, [world.csr() for _ in range(n)]),
        )
        print(f"{'enrollment ÷ five pure steps one by one':56}{issued / alone:>9.2f}")

    def _rate(self, name: str, goal: float | None, count: int, measure: Callable[[int], Rate]) -> float:
        """Print a scenario beside the `life5` of the same minute; returns instances per second."""
        count = max(8, int(count * self.scale))
        before = self._life5()
        rate = measure(count)
        life5 = (before + self._life5()) / 2
        wanted = f"≥ {goal}" if goal else ""
        total, postgres = (seconds / count * 1000 for seconds in rate.used)
        print(
            f"{f'{name}, {count:,}':44}{rate.per_second:>12,.0f}{rate.per_second / life5:>9.2f}{wanted:>7}"
            f"{total:>9.2f}{postgres:>8.2f}",
            flush=True,
        )
        return rate.per_second

    def _life5(self) -> float:
        return limits.rate(self.url, limits.life5, 8, LIMIT_SECONDS)

    def _signals(self, scenery: World) -> None:
        print(f"\n{'latency, nothing else running, ms':44}{'p50':>12}{'p99':>12}")
        found = latency.signal_to_next_step(
            self.url, _with_approval(scenery), scenery.actor("approver"), self._some(LATENCIES)
        )
        _latency("signal to next step", found)

    def _certificates(self) -> None:
        """The whole product on a database of its own on the same server."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute("CREATE DATABASE story")
        settings = {
            "DATABASE_URL": self.url.replace("/countersign?", "/story?"),
            "REDIS_URL": os.environ["REDIS_URL"],
            "ENROLL_WAIT_SECONDS": "0",
        }
        with running_product(self.home.root / "product", **settings) as product:
            found = latency.approval_to_certificate(product, self._some(CERTIFICATES))
            _latency("approval by HTTP to issued certificate", found)

    def _some(self, count: int) -> int:
        return max(8, int(count * self.scale))


def outside_steps() -> list[builders.Step]:
    return builders.chain(*(builders.step("OutsideNoop", f"Outside{number}") for number in range(5)))


def _with_approval(scenery: World) -> DefinitionVersion:
    asked = builders.approval(scenarios.APPROVAL, roles=[scenery.approvers])
    return builders.publish(
        builders.chain(builders.step("NOOPStep", "Before"), asked, builders.step("NOOPStep", "After"))
    )


def _head(processes: int, threads: int) -> None:
    connection.ensure_connection()
    version = connection.pg_version
    print(
        f"PostgreSQL {version // 10_000}.{version % 10_000}, fsync on; {os.cpu_count()} cores; "
        f"workers: {processes} processes × {threads} threads; {scenarios.CLIENTS} clients",
        flush=True,
    )


def _latency(name: str, found: Latency) -> None:
    print(f"{name:44}{found.p50:>12.1f}{found.p99:>12.1f}", flush=True)
