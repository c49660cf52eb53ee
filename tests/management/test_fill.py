"""What `manage.py fill` makes is small here, but every list and page must be able to show it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.test import Client

from tests import builders
from tests.api.clients import ApiClient, person
from workflows.actions import seeding
from workflows.management.filling import fill as filling
from workflows.models import Definition, Instance, PendingSignal, StepRun, User
from workflows.vocabulary.statuses import InstanceStatus

COUNT = 300


def fill(*options: str) -> str:
    out = io.StringIO()
    call_command("fill", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_it_fills_a_database_that_everything_can_show(tmp_path: Path) -> None:
    seeding.seed(tmp_path / "root.key.pem")
    assert "signals: 300, " in fill("--yes", "--instances", str(COUNT))
    _has_the_shape()
    reader = person("reader", "/")
    _every_list_and_instance_answers(ApiClient(reader.username))
    _every_page_shows(reader)
    _the_busiest_person_can_decide(User.objects.alias(held=Count("roles")).order_by("-held")[0])
    with pytest.raises(CommandError, match="There are instances"):
        fill("--yes")
    fill("--yes", "--force", "--instances", "30")
    assert Instance.objects.count() == COUNT + 30


@pytest.mark.django_db(transaction=True)
def test_what_starts_meanwhile_takes_none_of_its_ids(
    root_key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "BATCH", 10)
    version = builders.publish(builders.noops(3))
    mine = [builders.run(version) for _ in range(3)]
    filled = filling.fill(filling.Wanted(instances=30, step_runs=60, pending=3))
    mine += [builders.run(version) for _ in filled]
    mine.append(builders.run(version))
    assert Instance.objects.count() == 30 + len(mine)
    assert {each.status for each in mine} == {InstanceStatus.Complete}


def _has_the_shape() -> None:
    assert StepRun.objects.count() >= 10 * COUNT
    assert PendingSignal.objects.count() == COUNT // 10
    assert Instance.objects.filter(status=InstanceStatus.Suspended).count() == COUNT // 10
    assert {InstanceStatus.Complete, InstanceStatus.Failed, InstanceStatus.Rejected} <= set(
        Instance.objects.values_list("status", flat=True)
    )
    assert Instance.objects.values("record__definition").distinct().count() == 7


def _one_of_each() -> list[Instance]:
    """One instance of each definition, and one in each status."""
    each = (
        Instance.objects.order_by(name, "pk").distinct(name) for name in ("version__definition", "status")
    )
    return [instance for instances in each for instance in instances]


def _every_list_and_instance_answers(client: ApiClient) -> None:
    parts = ("Instances", "Instances/My", "Instances/AssignedToMe", "Definitions")
    paths = [f"Workflow/{part}" for part in parts]
    paths += [f"Workflow/Instances/{each.pk}{part}" for each in _one_of_each() for part in ("", "/History")]
    paths += [f"Workflow/Definitions/{each.guid}" for each in Definition.objects.all()]
    paths += ["Security/Roles", "Security/Users", "Certificates", "Audit"]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def _every_page_shows(reader: User) -> None:
    client = Client()
    client.force_login(reader)
    paths = ["/", "/workflow/instances", "/workflow/instances.csv", "/workflow/my", "/workflow/definitions"]
    paths += [
        f"/workflow/instances/{each.guid}{part}" for each in _one_of_each() for part in ("", "/definition")
    ]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def _the_busiest_person_can_decide(busiest: User) -> None:
    client = Client()
    client.force_login(busiest)
    waiting = Instance.objects.filter(pending_signals__role__in=busiest.roles.all()).first()
    assert waiting is not None
    assert waiting.record.title in client.get("/workflow/my").content.decode()
    assert client.get(f"/workflow/my/{waiting.guid}").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "Say --yes"),
        (["--yes", "--instances", "0"], "at most as many pending signals"),
        (["--yes", "--instances", "10", "--pending", "11"], "at most as many pending signals"),
        (["--yes", "--instances", "10", "--step-runs", "9"], "at least as many step runs"),
    ],
)
def test_it_refuses_what_is_not_meant(options: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        fill(*options)
    assert not Instance.objects.exists()
