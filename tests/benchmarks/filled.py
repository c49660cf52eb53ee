"""Two databases that `manage.py fill` made, one a hundred times as large; one process asks them in turn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import psycopg
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.benchmarks.plain import PATH
from workflows.access import tokens
from workflows.models import Definition, Instance, Role, User
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

SMALLEST = 1_000
REQUESTS = "api/Workflow/Instances"
GUID_LENGTH = 36
NEWEST = "SortField=ReferenceId&SortAscending=1"


@dataclass(frozen=True)
class Filled:
    """A database with so many instances; `paths` are what is asked of it, by the name of the line."""

    name: str
    rows: int
    client: Client
    headers: Mapping[str, str] = field(repr=False)
    paths: Mapping[str, str]

    def use(self) -> None:
        use(self.name)

    def get(self, path: str) -> bytes:
        """The answer's body. Raises RuntimeError for any but 200."""
        answer = self.client.get(f"/{path}", headers=self.headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:200]!r}")
        return answer.content


def plain_path(path: str) -> str:
    """What the plain framework is asked beside `path`: a page for a page, one instance for one."""
    _before, _slash, guid = path.rpartition(f"{REQUESTS}/")
    return f"{PATH}/{guid}" if len(guid) == GUID_LENGTH else PATH


def make(url: str, rows: int) -> Filled:
    """A new database on the server of `url`, filled."""
    name = f"lists_{rows}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    use(name)
    call_command("migrate", verbosity=0)
    call_command("fill", "--yes", "--instances", str(rows), stdout=io.StringIO())
    return Filled(name, rows, Client(SERVER_NAME="localhost"), _credentials(), _paths(rows))


def use(name: str) -> None:
    """Let Django talk to another database of the same server."""
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name


def _credentials() -> Mapping[str, str]:
    """Those of a person who reads everything and holds ten of the roles that approve."""
    person = User.objects.order_by("pk")[0]
    reader = Role.objects.create(name="Reader", permissions=[Permission.WORKFLOW_INSTANCES_READ])
    person.roles.add(reader)
    _token, text = tokens.issue(person, name="benchmark")
    return {"Authorization": f"Bearer {text}"}


def _paths(rows: int) -> Mapping[str, str]:
    definition = Definition.objects.get(latest__display_name="Gone from the web farm")
    waiting = Instance.objects.filter(status=InstanceStatus.Suspended).order_by("-pk")[0]
    # What tells its title from others: three letters that are in every title would find them all.
    host = waiting.data.get("CommonName") or waiting.data["Username"].removeprefix("deploy@")
    by_query = {
        "by status": "Status -eq Failed",
        "by definition": f"DefinitionId -eq {definition.guid}",
        "by start": f'StartDate -le "{timezone.now():%Y-%m-%d}"',
        "title search": f"Title -contains {host.partition('.')[0].removeprefix('host-')}",
        "data-bucket equality": f'Data.CommonName -eq "{host}"',
    }
    return {
        "newest first": f"{REQUESTS}?{NEWEST}",
        **{name: f"{REQUESTS}?{NEWEST}&QueryString={quote(text)}" for name, text in by_query.items()},
        f"page {rows // 100:,}": f"{REQUESTS}?{NEWEST}&PageReturned={rows // 100}",
        "AssignedToMe, ten roles": f"{REQUESTS}/AssignedToMe?{NEWEST}",
        "no sort field": REQUESTS,
        "get by id": f"{REQUESTS}/{waiting.guid}",
    }
