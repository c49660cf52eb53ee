"""Pages read a bounded number of rows, however many instances there are."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.test import Client

from portal.presenters import dashboard
from tests.plans import most_rows
from workflows.models import Instance, Role, User
from workflows.search import counting
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

ROWS = 4_000
MOST = 800  # rows that a node of a plan may read; one that walks the instances reads five times as many
COUNTED = 300
PAGES = ("/", "/workflow/instances", "/workflow/my", "/workflow/my?tab=created", "/workflow/my?tab=decided")
OF_ONE = ("", "/definition", "/stop", "/restart", "/delete")


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Of somebody who may do everything, and is asked as others are, among many instances."""
    monkeypatch.setattr(dashboard, "MOST", COUNTED)
    monkeypatch.setattr(counting, "COUNTED", COUNTED)
    size = ("--instances", str(ROWS), "--step-runs", str(ROWS))
    call_command("fill", "--yes", *size, stdout=io.StringIO())
    person = User.objects.order_by("pk")[1]
    person.roles.add(Role.objects.create(name="Everything", permissions=list(Permission)))
    visitor = Client()
    visitor.force_login(person)
    return visitor


@pytest.mark.django_db(transaction=True)
def test_they_read_a_bounded_number_of_rows(visitor: Client) -> None:
    addresses = [*PAGES, f"/search?q={Instance.objects.order_by('pk')[ROWS // 2].pk}"]
    for status in {*InstanceStatus} - {InstanceStatus.Unknown}:
        one = Instance.objects.filter(status=status).order_by("pk")[5]
        addresses += [f"/workflow/instances/{one.guid}{rest}" for rest in OF_ONE]
        addresses.append(f"/workflow/my/{one.guid}")
    found = {each: most_rows(lambda each=each: visitor.get(each, follow=True)) for each in addresses}
    assert {address: most for address, most in found.items() if most > MOST} == {}
