"""Two databases that `manage.py fill` made, one a hundred times as large; one process asks them in turn."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client

from tests.benchmarks.plain import PATH, SIZE
from workflows.access import tokens
from workflows.api.serializers.instance_versions import shown_version
from workflows.engine.liveness import broker
from workflows.models import Definition, Instance, InstanceRecord, Role, User
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

SMALLEST = 1_000
REQUESTS = "api/Workflow/Instances"
GUID_LENGTH = 36
NEWEST = "SortField=ReferenceId&SortAscending=1"
OWN = 1_000  # instances of the caller, whatever the number of all
SPAN = (
    900  # instances that began within a span in the middle: a day, where a million began within three years
)
NAMED, LOOKED_AT = 3, 200
# How the names of lines begin that ask for a page whose predecessor nobody has read: with the marks that a
# worker renews, and without any, as in the first minutes of a broker.
JUMP, UNMARKED_JUMP = "jump to", "unmarked jump to"


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


def forget_marks() -> None:
    """All that the product has left along its lists."""
    for key in broker().scan_iter("countersign:mark:*"):
        broker().delete(key)


def plain_path(path: str, answer: bytes) -> str:
    """What the plain framework is asked beside `path`: as long a page for a page, one instance for one.

    Raises RuntimeError for an empty page.
    """
    _before, _slash, guid = path.rpartition(f"{REQUESTS}/")
    if len(guid) == GUID_LENGTH:
        return f"{PATH}/{guid}"
    if not (found := len(json.loads(answer))):
        raise RuntimeError(f"{path} finds nothing, so that nothing is measured")
    return f"{PATH}?{SIZE}={found}"


def make(url: str, rows: int) -> Filled:
    """A new database on the server of `url`, filled."""
    name = f"lists_{rows}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    use(name)
    call_command("migrate", verbosity=0)
    call_command("fill", "--yes", "--instances", str(rows), stdout=io.StringIO())
    _give(User.objects.order_by("pk")[0], rows)
    return Filled(name, rows, Client(SERVER_NAME="localhost"), _credentials(), _paths(rows))


def use(name: str) -> None:
    """Let Django talk to another database of the same server."""
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name
    shown_version.cache_clear()  # its versions have the same ids as those of the other


def _give(person: User, rows: int) -> None:
    """Let the person have started some of those that have ended, here and there."""
    ended = Instance.objects.exclude(status=InstanceStatus.Suspended)
    ended.filter(initiator=person).update(initiator=User.objects.order_by("pk")[1])
    each = max(1, rows // OWN)
    ids = ended.annotate(place=F("pk") % each).filter(place=1 % each)  # every tenth, from the tenth on, waits
    Instance.objects.filter(pk__in=ids.values("pk")).update(initiator=person)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE workflows_instance")


def _credentials() -> Mapping[str, str]:
    """Those of a person who reads everything and holds ten of the roles that approve."""
    person = User.objects.order_by("pk")[0]
    reader = Role.objects.create(name="Reader", permissions=[Permission.WORKFLOW_INSTANCES_READ])
    person.roles.add(reader)
    _token, text = tokens.issue(person, name="benchmark")
    return {"Authorization": f"Bearer {text}"}


def _paths(rows: int) -> Mapping[str, str]:
    far = rows // 100
    queries = {**_by_start(rows), **_by_title(), **_by_what_it_is()}
    return {
        "newest first": f"{REQUESTS}?{NEWEST}",
        "oldest first": f"{REQUESTS}?SortField=ReferenceId",
        "by start date, last first": f"{REQUESTS}?SortField=StartDate&SortAscending=1",
        "by start date, first first": f"{REQUESTS}?SortField=StartDate",
        **{name: f"{REQUESTS}?{NEWEST}&QueryString={quote(text)}" for name, text in queries.items()},
        f"page {far:,}": f"{REQUESTS}?{NEWEST}&PageReturned={far}",
        f"{JUMP} page {far + 9:,}": f"{REQUESTS}?{NEWEST}&PageReturned={far + 9}",
        f"{UNMARKED_JUMP} page {far + 9:,}": f"{REQUESTS}?{NEWEST}&PageReturned={far + 9}",
        "Created by Me": f"{REQUESTS}/My?{NEWEST}",
        "AssignedToMe, ten roles": f"{REQUESTS}/AssignedToMe?{NEWEST}",
        "no sort field": REQUESTS,
        "get by id": f"{REQUESTS}/{_waiting().guid}",
    }


def _by_start(rows: int) -> Mapping[str, str]:
    """All of them far from the newest, from where the list is walked otherwise."""
    starts = Instance.objects.order_by("pk").values_list("started_at", flat=True)
    third, begin, end = (f"{starts[n]:%Y-%m-%dT%H:%M:%S}Z" for n in _places(rows))
    return {
        "started in the first third": f'StartDate -le "{third}"',
        "started within a day": f'StartDate -ge "{begin}" AND StartDate -le "{end}"',
    }


def _places(rows: int) -> tuple[int, int, int]:
    return rows // 3, rows // 2, min(rows // 2 + SPAN, rows - 1)


def _by_title() -> Mapping[str, str]:
    """Some find few by three letters that few titles have, others by what all have in common, too."""
    host, title = _host(), _waiting().record.title
    return {
        "title -contains its number": f"Title -contains {host.partition('.')[0].removeprefix('host-')}",
        "title -contains its host": f"Title -contains {host}",
        "title -startswith": f'Title -startswith "{title[:-5]}"',
        "title -endswith its host": f'Title -endswith "{host}."',
        "title -eq": f'Title -eq "{title}"',
    }


def _by_what_it_is() -> Mapping[str, str]:
    definition = Definition.objects.get(latest__display_name="Gone from the web farm")
    return {
        "by status": "Status -eq Failed",
        "by definition": f"DefinitionId -eq {definition.guid}",
        "data-bucket equality": f'Data.CommonName -eq "{_host()}"',
    }


def _waiting() -> Instance:
    """The newest one that waits and names a host which `NAMED` instances name, so that as many are found."""
    waiting = Instance.objects.filter(status=InstanceStatus.Suspended, data__has_key="CommonName")
    newest = waiting.select_related("record").order_by("-pk")
    return next(each for each in newest[:LOOKED_AT] if _naming(each.data["CommonName"]) == NAMED)


def _naming(host: str) -> int:
    return InstanceRecord.objects.filter(initial_data__contains={"CommonName": host}).count()


def _host() -> str:
    return str(_waiting().data["CommonName"])
