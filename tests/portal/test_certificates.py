"""Certificates: list, page, revocation."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.models import Certificate, Instance
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.workflow_types import WorkflowType

NAMES = ("appsrvr12.keyexample.com", "appsrvr13.keyexample.com")


@pytest.fixture
def certificates(world: World) -> list[Certificate]:
    for name in NAMES:
        scenery.enroll(world, csr=scenery.csr(name))
    return list(Certificate.objects.order_by("pk"))


def listed(client: Client, **params: str) -> list[int]:
    page = client.get("/certificates", params).content.decode()
    return [int(pk) for pk in re.findall(r'<a class="lead[^"]*" href="/certificates/(\d+)"', page)]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [1, 0]),
        ({"sort": "IssuedCN"}, [0, 1]),
        ({"value": "SRVR13"}, [1]),
        ({"query": 'TemplateName -eq "WebServer" AND CN -startswith "appsrvr12"'}, [0]),
        ({"query": 'NotAfter -le "%TODAY+30%"'}, []),
        ({"field": "CertState", "comparison": "-eq", "value": "Active", "sort": "Id"}, [0, 1]),
    ],
)
def test_the_list_is_sorted_and_filtered(
    visit: Visitors, certificates: list[Certificate], params: dict[str, str], expected: list[int]
) -> None:
    assert listed(visit("operator"), **params) == [certificates[place].pk for place in expected]


def test_a_requester_sees_his_own_only(
    visit: Visitors, world: World, certificates: list[Certificate]
) -> None:
    assert len(listed(visit("requester"))) == 2
    Certificate.objects.filter(pk=certificates[0].pk).update(requester=world.operator)
    assert listed(visit("requester")) == [certificates[1].pk]
    assert visit("requester").get(f"/certificates/{certificates[0].pk}").status_code == 404
    assert visit("approver").get("/certificates").status_code == 403


def test_the_page_decodes_it(visit: Visitors, certificates: list[Certificate]) -> None:
    page = visit("operator").get(f"/certificates/{certificates[0].pk}").content.decode()
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))
    for words in (
        "appsrvr12.keyexample.com",
        "Valid",
        "ECC P-256",
        "Digital Signature",
        "Server Authentication",
        "Countersign Root CA",
        "The requester has it; it was never here.",
        "Issued",
        "Audit entries",
        certificates[0].serial_number,
        certificates[0].thumbprint,
    ):
        assert words in plain


def test_it_leads_to_the_workflow_it_came_from(visit: Visitors, certificates: list[Certificate]) -> None:
    instance = Instance.objects.get(request=certificates[0].request_id)
    page = visit("operator").get(f"/certificates/{certificates[0].pk}").content.decode()
    assert f"/workflow/instances/{instance.guid}" in page


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"not_after": timedelta(days=-1)}, "Expired"),
        ({"not_before": timedelta(days=1)}, "Not valid yet"),
    ],
)
def test_its_time_shows(
    visit: Visitors, certificates: list[Certificate], fields: dict[str, timedelta], word: str
) -> None:
    changed = {name: timezone.now() + away for name, away in fields.items()}
    Certificate.objects.filter(pk=certificates[0].pk).update(**changed)
    assert word in visit("operator").get(f"/certificates/{certificates[0].pk}").content.decode()


def revoke(client: Client, certificate: Certificate, **fields: str) -> HttpResponse:
    given = {"reason": "4", "comment": "Replaced by appsrvr13.", **fields}
    return client.post(f"/certificates/{certificate.pk}/revoke", given)


def test_revoke(visit: Visitors, certificates: list[Certificate]) -> None:
    client = visit("operator")
    assert (
        "Revoke this certificate?"
        in client.get(f"/certificates/{certificates[0].pk}/revoke").content.decode()
    )
    answer = revoke(client, certificates[0])
    instance = Instance.objects.get(certificate=certificates[0])
    assert answer.headers["Location"] == f"/workflow/instances/{instance.guid}"
    builders.run_until_quiet()
    page = client.get(f"/certificates/{certificates[0].pk}").content.decode()
    for words in ("Revoked", "Superseded", "Replaced by appsrvr13."):
        assert words in page
    assert f"/certificates/{certificates[0].pk}/revoke" not in page
    again = revoke(client, certificates[0])
    assert again.status_code == 409
    assert "is revoked already" in again.content.decode()
    assert "is revoked already" in client.get(f"/certificates/{certificates[0].pk}/revoke").content.decode()


def test_a_date_ahead_is_in_the_zone_of_the_person(
    visit: Visitors, world: World, certificates: list[Certificate]
) -> None:
    world.operator.time_zone = "Europe/Vienna"
    world.operator.save()
    revoke(visit("operator"), certificates[0], effective_date="2027-01-15T12:00")
    assert (
        Instance.objects.get(certificate=certificates[0]).data["EffectiveDate"] == "2027-01-15T11:00:00+00:00"
    )


def test_a_hold_can_be_lifted(visit: Visitors, certificates: list[Certificate]) -> None:
    client = visit("operator")
    revoke(client, certificates[0], reason=str(int(RevocationReason.CertificateHold)))
    builders.run_until_quiet()
    page = client.get(f"/certificates/{certificates[0].pk}/revoke").content.decode()
    assert '<option value="-1">Remove from hold</option>' in page
    revoke(client, certificates[0], reason="-1")
    builders.run_until_quiet()
    assert Certificate.objects.get(pk=certificates[0].pk).state == CertificateState.Active


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"comment": " "}, "Say why the certificate is revoked."),
        ({"comment": "x" * 4001}, "at most 4000 characters"),
        ({"reason": "-1"}, "Select a valid choice"),
        ({"reason": "999"}, "Select a valid choice"),
        ({"reason": ""}, "This field is required"),
        ({"effective_date": "soon"}, "Enter a valid date/time"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    visit: Visitors, certificates: list[Certificate], fields: dict[str, str], words: str
) -> None:
    answer = revoke(visit("operator"), certificates[0], **fields)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Instance.objects.filter(certificate=certificates[0]).exists()


def test_only_who_may_revokes(visit: Visitors, certificates: list[Certificate]) -> None:
    for person in ("requester", "approver", "stranger"):
        assert revoke(visit(person), certificates[0]).status_code == 403
        page = visit(person).get(f"/certificates/{certificates[0].pk}").content.decode()
        assert "/revoke" not in page


def test_a_revocation_that_needs_approval_leads_to_its_workflow(
    visit: Visitors, world: World, certificates: list[Certificate]
) -> None:
    steps = builders.chain(builders.approval(roles=[world.approvers]))
    builders.publish(steps, WorkflowType.Revocation, keys=[str(certificates[0].template_id)])
    client = visit("operator")
    there = client.get(revoke(client, certificates[0]).headers["Location"]).content.decode()
    assert "The revocation has begun; its workflow is not through yet." in there
