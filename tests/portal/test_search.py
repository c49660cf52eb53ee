"""The search box."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions.enrollment import Enrolled
from workflows.models import Certificate, Instance


@pytest.fixture
def enrolled(world: World) -> Enrolled:
    scenery.enroll(world, csr=scenery.csr("other.keyexample.com"))
    return scenery.enroll(world)


def found(client: Client, text: str) -> set[str]:
    page = client.get("/search", {"q": text}).content.decode()
    main = page.partition("<main")[2].partition("</main>")[0]
    return set(re.findall(r'href="(/(?:workflow/instances|certificates)/[^"]*)"', main))


@pytest.mark.parametrize(
    "text_of",
    [
        lambda instance, certificate: str(instance.guid),
        lambda instance, certificate: f"{{{str(instance.guid).upper()}}}",
        lambda instance, certificate: instance.guid.hex,
    ],
)
def test_an_instance_by_its_guid(visit: Visitors, enrolled: Enrolled, text_of: object) -> None:
    text = text_of(enrolled.instance, enrolled.certificate)  # type: ignore[operator]
    assert found(visit("operator"), text) == {f"/workflow/instances/{enrolled.instance.guid}"}


def test_an_instance_by_its_reference_id(visit: Visitors, enrolled: Enrolled) -> None:
    assert f"/workflow/instances/{enrolled.instance.guid}" in found(
        visit("operator"), str(enrolled.instance.pk)
    )


def test_what_is_named_exactly_comes_before_what_is_named_like_it(visit: Visitors, world: World) -> None:
    asked = scenery.enroll(world, csr=scenery.csr("plain.keyexample.com"))
    assert asked.certificate is not None
    numbers = {asked.instance.pk, asked.certificate.pk}
    like = "-".join(str(number) for number in numbers)
    for _ in range(21):
        scenery.enroll(world, csr=scenery.csr(f"host-{like}.keyexample.com"))
    assert f"/workflow/instances/{asked.instance.guid}" in found(visit("operator"), str(asked.instance.pk))
    assert f"/certificates/{asked.certificate.pk}" in found(visit("operator"), str(asked.certificate.pk))


def test_by_name_in_any_case(visit: Visitors, enrolled: Enrolled) -> None:
    assert enrolled.certificate is not None
    assert found(visit("operator"), "APPSRVR12") == {
        f"/workflow/instances/{enrolled.instance.guid}",
        f"/certificates/{enrolled.certificate.pk}",
    }


@pytest.mark.parametrize("field", ["serial_number", "thumbprint"])
def test_a_certificate_by_its_numbers_however_they_are_written(
    visit: Visitors, enrolled: Enrolled, field: str
) -> None:
    certificate = enrolled.certificate
    assert certificate is not None
    number = getattr(certificate, field)
    pairs = [number[place : place + 2].lower() for place in range(0, len(number), 2)]
    for text in (number, number.lower(), ":".join(pairs), " ".join(pairs), "-".join(pairs)):
        assert found(visit("operator"), text) == {f"/certificates/{certificate.pk}"}


def test_nobody_finds_what_he_may_not_see(visit: Visitors, enrolled: Enrolled) -> None:
    assert found(visit("stranger"), "appsrvr12") == set()
    assert found(visit("approver"), "appsrvr12") == set()
    assert found(visit("requester"), "appsrvr12") == found(visit("operator"), "appsrvr12")


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "%", "_", "'; DROP TABLE", "9" * 40, "x" * 5000, "🧾", "القاضي"]
)
def test_any_text_is_only_a_text(visit: Visitors, enrolled: Enrolled, text: str) -> None:
    answer = visit("operator").get("/search", {"q": text})
    assert answer.status_code == 200
    assert found(visit("operator"), text) == set()


def test_what_was_searched_for_is_kept_and_is_text(visit: Visitors, world: World) -> None:
    page = visit("operator").get("/search", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in page
    assert "Nothing was found" in page


def test_that_there_is_more_is_said(visit: Visitors, enrolled: Enrolled) -> None:
    certificate = enrolled.certificate
    assert certificate is not None
    copies = []
    for number in range(25):
        certificate.pk, certificate.request = None, None
        certificate.serial_number, certificate.thumbprint = f"{number:040X}", f"{number:040X}"
        copies.append(
            Certificate(
                **{
                    field.attname: getattr(certificate, field.attname)
                    for field in Certificate._meta.concrete_fields
                }
            )
        )
    Certificate.objects.bulk_create(copies)
    page = visit("operator").get("/search", {"q": "appsrvr12"}).content.decode()
    assert "There is more" in page
    assert Instance.objects.count() == 2
