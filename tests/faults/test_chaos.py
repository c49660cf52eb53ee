"""PostgreSQL restarts every few seconds and workers die at random while people request and approve.

Nothing is lost, nothing is done twice: neither a certificate, nor an approval, nor an effect outside.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg
import pytest

from config.supervisor.children import Child, wait_until
from config.supervisor.postgres import Postgres
from tests import builders, moves
from tests import world as scenery
from tests.connectors.servers import HttpServer, Reply
from tests.faults.ledger import Books, Ledger, whereabouts
from tests.functional.cast import Cast
from tests.functional.test_supervision import children
from tests.product import Product
from tests.rounds import rounds
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

INSTANCES = rounds(2000, least=80)
CLIENTS = 12
PATIENCE = 600  # seconds until every client has its answer
NOT_YET = (404, 409)
STEPS = ("StartNOOP", "Announce", "RequireApproval1", "KeyfactorEnroll", "Report", "EndNOOP")
CALLS = ("Announce", "Report")
SIGNAL = {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": "True"}}


@dataclass
class Story:
    """The clients: each asks until he is answered, as one who is told to try again."""

    requester: httpx2.Client
    approvers: dict[str, httpx2.Client]  # by the name that decisions carry
    url: str  # of the database
    ledger: Ledger = field(default_factory=Ledger)

    def tell(self, number: int) -> None:
        instance = self.request(f"n{number}")
        for name in self.approvers:
            self.approve(instance, name)

    def request(self, name: str) -> str:
        body = {
            "CSR": scenery.csr(f"{name}.keyexample.com"),
            "Template": "WebServer",
            "Timestamp": "2026-11-22T00:00:00Z",
        }

        def is_accepted() -> bool:
            answer = self._post(self.requester, "Enrollment/CSR", body)
            if answer is None:
                self.ledger.unclear[name] += 1
                return False
            assert answer.status_code == 200, answer.text
            self.ledger.accepted[name] = answer.json()["CertificateInformation"]["WorkflowInstanceId"]
            return True

        assert wait_until(is_accepted, PATIENCE, pause=0.3)
        return self.ledger.accepted[name]

    def approve(self, instance: str, name: str) -> None:
        """A 409 that says so after an answer that got lost means that the approval was heard."""
        lost = False

        def is_counted() -> bool:
            nonlocal lost
            answer = self._post(self.approvers[name], f"Workflow/Instances/{instance}/Signals", SIGNAL)
            if answer is None:
                lost = True
                return False
            if answer.status_code == 204 or (lost and "already" in answer.text):
                self.ledger.approved.add((instance, name))
                return True
            assert answer.status_code in NOT_YET, answer.text
            return False

        assert wait_until(is_counted, PATIENCE, pause=0.3), whereabouts(self.url, instance)

    def _post(self, client: httpx2.Client, path: str, body: object) -> httpx2.Response | None:
        """The answer; None where nobody knows whether it was done."""
        try:
            answer = client.post(f"/api/{path}", json=body)
        except httpx2.HTTPError:
            self.ledger.note(0)
            return None
        return answer if self.ledger.note(answer.status_code) < 500 else None


@dataclass
class Disturbances:
    """Restarts and kills, in the main thread: a server ends with the thread that started it."""

    product: Product
    postgres: Postgres
    extras: list[Child]
    seed: int = field(default_factory=lambda: random.randrange(10**6))
    restarts: int = 0
    kills: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def __str__(self) -> str:
        return f"{self.restarts} restarts of PostgreSQL, {self.kills} killed workers (seed {self.seed})"

    @property
    def have_struck(self) -> bool:
        """Servers and workers, whatever little time the instances took."""
        return bool(self.restarts and self.kills)

    def next(self) -> None:
        time.sleep(self.random.uniform(2, 6))
        if self.restarts <= self.kills:
            self.restarts += 1
            self.postgres.stop_signal = self.random.choice([signal.SIGINT, signal.SIGQUIT])  # or recover
            self.postgres.stop()
            self.postgres.start()
        else:
            self._kill_workers()

    def _kill_workers(self) -> None:
        """One of ours, which comes back at once, and sometimes the product's own."""
        extra = self.random.choice(self.extras)
        if extra.process is not None:
            extra.process.kill()
            extra.process.wait()
        extra.start()
        self.kills += 1
        if self.random.random() < 0.3:
            for pid in own_workers(self.product):
                os.kill(pid, signal.SIGKILL)
                self.kills += 1


def own_workers(product: Product) -> list[int]:
    return [pid for pid in children(product) if {b"celery", b"worker"} <= set(command_of(pid))]


def command_of(pid: int) -> list[bytes]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


@pytest.fixture
def site() -> Iterator[HttpServer]:
    """Does what it is asked once for each idempotency key."""
    with HttpServer({f"/{name}": Reply() for name in CALLS}).running() as site:
        yield site


def steps(role: int, site: HttpServer) -> list[builders.Step]:
    announce, report = (call(name, site) for name in CALLS)
    needed = {"MinimumApprovals": 2}
    asked = builders.step("RequireApproval", "RequireApproval1", ConfigurationParameters=needed)
    asked["Signals"] = [{"SignalName": "ApprovalStatus", "RoleIds": [role]}]
    return builders.chain(announce, asked, builders.step("EnrollStep", "KeyfactorEnroll"), report)


def call(name: str, site: HttpServer) -> builders.Step:
    """The site shares a process with all clients; a POST that it answers too late fails for good."""
    url = f"http://127.0.0.1:{site.port}/{name}"
    parameters = {"URL": url, "Verb": "POST", "TimeoutSeconds": 30}
    return builders.step("RESTRequest", name, ConfigurationParameters=parameters)


@pytest.mark.timeout(3600)  # two thousand instances, each through restarts and kills
def test_nothing_is_lost_and_nothing_is_done_twice(
    product: Product, postgres: Postgres, site: HttpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    moves.guard_at(postgres.url)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        cast = Cast(product, stack.enter_context(product.client()))
        stack.callback(cast.close)
        requester = cast.person("requester", "/certificates/enrollment/csr/")
        people = {name: cast.person(name, "/workflows/instances/read/pending/") for name in ("ann", "ben")}
        role = cast.role("approvers", *people)
        path = stack.enter_context(cast.definition("Enrollment", "WebServer", steps(role, site)))
        approvers = {f"COUNTERSIGN\\{cast.account(name)}": client for name, client in people.items()}
        story = Story(requester, approvers, postgres.url)
        extras = [stack.enter_context(product.extra_worker(threads=4)) for _ in range(2)]
        disturbances = Disturbances(product, postgres, extras)
        with ThreadPoolExecutor(CLIENTS) as pool:
            stories = [pool.submit(story.tell, number) for number in range(INSTANCES)]
            while not (disturbances.have_struck and all(each.done() for each in stories)):
                disturbances.next()
        for each in stories:
            each.result()
        definition = path.rpartition("/")[2]
        answer_the_rest(story, postgres.url, definition)
        wait_until(lambda: not unfinished(postgres.url, definition), 300, pause=0.5)
    books = Books.read(postgres.url, definition)
    with capsys.disabled():
        print(f"\n{disturbances} in {time.monotonic() - began:.0f} s: {figures(story.ledger, books, site)}")
    check(story, books, site)


def answer_the_rest(story: Story, url: str, definition: str) -> None:
    """Requests whose first answer got lost were made once more; the first ones wait for their approvals."""
    for guid in unfinished(url, definition):
        if guid not in story.ledger.accepted.values():
            for name in story.approvers:
                story.approve(guid, name)


def unfinished(url: str, definition: str) -> list[str]:
    with contextlib.suppress(psycopg.OperationalError):
        books = Books.read(url, definition)
        return [guid for guid, (_, status) in books.instances.items() if status not in FINISHED]
    return ["the database is away"]


def check(story: Story, books: Books, site: HttpServer) -> None:
    ledger, every = story.ledger, set(books.instances)
    assert {status for _, status in books.instances.values()} == {InstanceStatus.Complete}
    assert set(ledger.accepted.values()) <= every  # nothing that was accepted is lost
    assert len(ledger.accepted) == len(set(ledger.accepted.values())) == INSTANCES
    requested = Counter(name for name, _ in books.instances.values())
    assert len(requested) == INSTANCES
    assert all(count <= 1 + ledger.unclear[name] for name, count in requested.items())  # none unasked
    assert books.certificates == once(every)
    assert books.done == once((guid, step) for guid in every for step in STEPS)
    assert books.decisions == once((guid, name) for guid in every for name in story.approvers)
    assert ledger.approved == set(books.decisions)
    assert books.approvals_audited == len(books.decisions)
    assert books.effects(site) == once((guid, step) for guid in every for step in CALLS)


def once(things: Iterable[Hashable]) -> Counter[Hashable]:
    """Each of them, and each exactly once."""
    return Counter(set(things))


def figures(ledger: Ledger, books: Books, site: HttpServer) -> str:
    effects = {seen.headers["idempotency-key"] for seen in site.seen}
    return (
        f"{len(books.instances)} instances ended, with {sum(books.certificates.values())} certificates, "
        f"{sum(books.decisions.values())} approvals and {len(effects)} effects outside by {len(site.seen)} "
        f"calls; of {sum(ledger.answers.values())} requests to the API {ledger.broken} got no answer."
    )
