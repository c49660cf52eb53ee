"""One run, one table: the raw limits, then what the product reaches as a share of `life5` at 8 clients."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from django.core.management import call_command

from config.supervisor.home import Home
from tests import builders, world
from tests.benchmarks import (
    latency,
    limits,
    scenarios,
    stack,
    step_types,  # noqa: F401 - registers the outside call
)
from tests.benchmarks.scenarios import Rate
from tests.world import World

LIMIT_SECONDS = 4
LIMITS = (
    ("durable commits", limits.commit),
    ("one step, one CTE", limits.step_in_one),
    ("life5", limits.life5),
)
CLIENTS = (1, 8)


@dataclass(frozen=True)
class Bench:
    """What every measurement needs: the cast, how much of each to do, and what life5 reached."""

    world: World
    scale: float
    life5: float

    def show(self, name: str, measure: Callable[[int], Rate], count: int) -> None:
        """Measure `count` instances, fewer by `scale`, and print the line."""
        found = measure(max(2, int(count * self.scale)))
        ratio = found.per_second / self.life5
        print(f"{name:44}{found.per_second:8.0f}/s {ratio:7.2f} {found.cpu_ms:9.2f} ms", flush=True)


def run(home: Home, *, processes: int, threads: int, scale: float) -> None:
    """Prints the table; `scale` below 1 makes it shorter and less sure."""
    call_command("migrate", verbosity=0)
    cast = world.make(home.root)
    bench = Bench(cast, scale, _limits(scale))
    stated = f"{processes} worker processes × {threads} threads"
    print(f"\n{stated:44}{'rate':>10} {'÷ life5':>7} {'CPU each':>12}")
    with stack.workers(home, processes=processes, threads=threads):
        _throughput(bench)
        _latency(bench)


def _limits(scale: float) -> float:
    """The raw limits of this PostgreSQL by bare psycopg; returns life5 at the most clients."""
    url = os.environ["DATABASE_URL"]
    limits.create_tables(url)
    print(f"{'raw limits, per second':44}{'1 client':>10}{'8 clients':>11}")
    for name, work in LIMITS:
        found = [limits.rate(url, work, clients, LIMIT_SECONDS * scale) for clients in CLIENTS]
        print(f"{name:44}{found[0]:10.0f}{found[1]:11.0f}", flush=True)
    return found[-1]


def _throughput(bench: Bench) -> None:
    pure = builders.publish(builders.noops(5)).pk
    calls = (builders.step("OutsideNoop", f"Outside{number}") for number in range(5))
    outside = builders.publish(builders.chain(*calls)).pk
    asking = builders.publish(_approval_in_the_middle(bench.world)).pk
    people = bench.world
    scenarios.bulk(pure, 200)  # warms the workers
    bench.show("five pure steps, started in bulk", lambda count: scenarios.bulk(pure, count), 20_000)
    bench.show("five pure steps, one by one", lambda count: scenarios.one_by_one(pure, count), 2_000)
    bench.show("five EXTERNAL steps", lambda count: scenarios.bulk(outside, count), 2_000)
    bench.show(
        "one approval in the middle",
        lambda count: scenarios.approved(asking, people.approver.pk, count),
        1_000,
    )
    csrs = [world.csr() for _ in range(max(2, int(500 * bench.scale)))]
    bench.show("enrollment, P-256", lambda _: scenarios.enrolled(people.requester.pk, csrs), 500)


def _latency(bench: Bench) -> None:
    print(f"\n{'unloaded latency in ms':44}{'p50':>10}{'p99':>11}")
    count = max(5, int(100 * bench.scale))
    asking = builders.publish(_approval_in_the_middle(bench.world))
    _show("signal to next step", latency.signal_to_next_step(asking, bench.world, count))
    world.needs_approvals(bench.world)
    _show("approval to issued certificate", latency.approval_to_certificate(bench.world, count))


def _show(name: str, milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    p50, p99 = (ordered[round(share * (len(ordered) - 1))] for share in (0.5, 0.99))
    print(f"{name:44}{p50:10.1f}{p99:11.1f}", flush=True)


def _approval_in_the_middle(cast: World) -> list[builders.Step]:
    before, after = builders.step("NOOPStep", "Before"), builders.step("NOOPStep", "After")
    return builders.chain(before, builders.approval(roles=[cast.approvers]), after)
