"""What depends on the template that is chosen at enrollment: what else it asks, its CA, its keys."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from portal.forms.attributes import attribute_name
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.portal.test_enrollment import errors, send
from tests.world import World
from workflows.models import CertificateRequest, CertificateTemplate, Instance
from workflows.vocabulary.enrollment import EnrollmentType

TICKET, ZONE = attribute_name("Ticket"), attribute_name("Zone")
ASKED = [{"Name": "Ticket", "DataType": 1}, {"Name": "Zone", "Options": ["inner", "outer"]}]


@pytest.fixture(autouse=True)
def asks(world: World) -> CertificateTemplate:
    """WebServer asks more than CodeSigning."""
    CertificateTemplate.objects.update(allowed_enrollment_types=EnrollmentType.CSR)
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.enrollment_fields = ASKED
    template.save()
    return template


def shown(page: str) -> list[str]:
    return re.findall(r'name="(attribute_\w+)"', page)


def use(client: Client, template: str, **fields: str) -> str:
    """The form after another template was chosen, with htmx or by the button."""
    answer = client.post("/enroll/csr", {"template": template, "csr": "", "use": "1", **fields})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_template_s_own_questions_are_asked(visit: Visitors, world: World) -> None:
    client = visit("requester")
    page = client.get("/enroll/csr?template=WebServer").content.decode()
    assert shown(page) == [TICKET, ZONE]
    assert '<option value="outer">' in page
    assert errors(send(client, **{TICKET: "", ZONE: "elsewhere"})) == {
        ZONE: "Select a valid choice. elsewhere is not one of the available choices."
    }
    send(client, **{TICKET: "CHG-1", ZONE: "inner"})
    assert Instance.objects.get().data["AdditionalAttributes"] == {"Ticket": "CHG-1", "Zone": "inner"}


def test_another_template_brings_its_own_questions_and_what_was_typed_stays(
    visit: Visitors, world: World
) -> None:
    client = visit("requester")
    assert shown(client.get("/enroll/csr?template=CodeSigning").content.decode()) == []
    page = use(client, "WebServer", csr="typed", san_dns="kept.keyexample.com", **{TICKET: "CHG-1"})
    assert shown(page) == [TICKET, ZONE]
    assert 'value="CHG-1"' in page
    assert "typed</textarea>" in page
    assert "kept.keyexample.com</textarea>" in page
    assert 'id="id_include_chain" checked' not in page, "it had been taken away"
    assert 'role="alert"' not in page, "nothing was sent yet"
    assert errors_of(page) == []
    assert shown(use(client, "CodeSigning")) == []


def errors_of(page: str) -> list[str]:
    return re.findall(r'<div id="(id_\w+_error)">', page)


@pytest.mark.parametrize("check", [{}, {"check": "1"}])
def test_what_was_not_asked_is_asked_before_anything_is_sent(
    visit: Visitors, world: World, check: dict[str, str]
) -> None:
    client = visit("requester")
    answer = send(client, **check)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "asks for more: Ticket, Zone. Answer it below, then send again." in page
    assert shown(page) == [TICKET, ZONE]
    assert not CertificateRequest.objects.exists()


def test_a_question_keeps_its_name_when_others_move(
    visit: Visitors, world: World, asks: CertificateTemplate
) -> None:
    client = visit("requester")
    client.get("/enroll/csr?template=WebServer")
    asks.enrollment_fields = ASKED[::-1]
    asks.save()
    send(client, **{TICKET: "CHG-1", ZONE: "inner"})
    assert Instance.objects.get().data["AdditionalAttributes"] == {"Ticket": "CHG-1", "Zone": "inner"}


def test_only_the_ca_of_the_template_is_offered(visit: Visitors, world: World) -> None:
    page = use(visit("requester"), "WebServer")
    offered = page.partition('name="certificate_authority"')[2].partition("</select>")[0]
    own = CertificateTemplate.objects.get(common_name="WebServer").certificate_authority
    assert re.findall(r'<option value="([^"]+)"', offered) == [str(own)]


def test_a_renewal_says_that_its_template_is_not_open(
    visit: Visitors, world: World, asks: CertificateTemplate
) -> None:
    old = scenery.enroll(world).certificate
    assert old is not None
    asks.use_allowed_requesters = True
    asks.save()
    page = visit("requester").get(f"/enroll/csr?renews={old.pk}").content.decode()
    assert f"The template {asks.display_name} is not open to you here" in page
    page = visit("requester").get("/enroll/csr?template=CodeSigning").content.decode()
    assert "is not open to you here" not in page
