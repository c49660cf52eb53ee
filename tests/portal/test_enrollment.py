"""Enroll by CSR, and the page that follows."""

from __future__ import annotations

import re
from html import unescape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals, instances
from workflows.engine.changes import changes
from workflows.models import Certificate, CertificateRequest, CertificateTemplate, Instance, MetadataField
from workflows.vocabulary.enrollment import MetadataDataType, MetadataEnrollment


def send(client: Client, **fields: object) -> HttpResponse:
    return client.post("/enroll/csr", {"template": "WebServer", "csr": scenery.csr(), **fields})


def errors(answer: HttpResponse) -> dict[str, str]:
    """The errors at the fields, by the name of the field."""
    page = answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')
    found = re.findall(r'<div id="id_(\w+)_error">(.*?)</div>', page, re.DOTALL)
    return {name: re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text)).strip() for name, text in found}


def test_from_the_form_to_the_certificate(visit: Visitors, world: World) -> None:
    client = visit("requester")
    answer = send(client, include_chain="on", requester_email="team@keyexample.com")
    instance = Instance.objects.get()
    assert answer.headers["Location"] == f"/enroll/{instance.guid}"
    assert "Your request is on its way" in client.get(f"/enroll/{instance.guid}").content.decode()
    builders.run_until_quiet()
    page = client.get(f"/enroll/{instance.guid}").content.decode()
    assert "The certificate is issued" in page
    certificate = Certificate.objects.get()
    assert certificate.serial_number in re.sub(r"</span><span>", "", page)
    assert builders.reload(instance).data["RequesterEmail"] == "team@keyexample.com"


def test_a_request_says_who_owns_it_how_it_is_called_and_in_which_format_it_is_wanted(
    visit: Visitors, world: World
) -> None:
    client, role = visit("requester"), world.requester.roles.get()
    assert f'<option value="{role.pk}">{role.name}</option>' in client.get("/enroll/csr").content.decode()
    answer = send(client, owner_role=str(role.pk), custom_name="The shop", certificate_format="DER")
    builders.run_until_quiet()
    certificate = Certificate.objects.get()
    assert (certificate.owner_role, certificate.custom_name) == (role, "The shop")
    first, *others = re.findall(r'href="([^"]*)" download', client.get(answer["Location"]).content.decode())
    assert first == f"/certificates/{certificate.pk}/download/der"
    assert len(others) == 3
    page = client.get(f"/certificates/{certificate.pk}").content.decode()
    assert f"<bdi>{role.name}</bdi>" in page
    assert "<bdi>The shop</bdi>" in page


@pytest.mark.parametrize(
    ("wish", "file"),
    [
        ({"certificate_format": "PEM", "include_chain": "on"}, "pem?chain=1"),
        ({"certificate_format": "PEM"}, "pem"),
        ({"certificate_format": "P7B"}, "p7b?chain=1"),
    ],
)
def test_what_was_wished_for_is_offered_first(
    visit: Visitors, world: World, wish: dict[str, str], file: str
) -> None:
    client = visit("requester")
    answer = send(client, **wish)
    builders.run_until_quiet()
    found = re.findall(r'href="([^"]*)" download', client.get(answer["Location"]).content.decode())
    assert found[0].endswith(f"/download/{file}")


def test_downloads_are_certificates(visit: Visitors, world: World) -> None:
    """A requester fetches his own without the permission to read all."""
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    client = visit("requester")
    base = f"/certificates/{certificate.pk}/download"
    chain = x509.load_pem_x509_certificates(client.get(f"{base}/pem?chain=1").content)
    assert [each.issuer for each in chain[:2]] == [each.subject for each in chain[1:]]
    assert len(x509.load_pem_x509_certificates(client.get(f"{base}/pem").content)) == 1
    der = client.get(f"{base}/der")
    assert x509.load_der_x509_certificate(der.content) == chain[0]
    assert der.headers["Content-Disposition"] == 'attachment; filename="appsrvr12.keyexample.com.cer"'
    assert der.headers["Content-Type"] == "application/pkix-cert"
    assert client.get(f"{base}/p7b").content.startswith(b"\x30")
    assert client.get(f"{base}/exe").status_code == 400
    assert visit("approver").get(f"{base}/pem").status_code == 403


def test_another_s_enrollment_is_not_there(visit: Visitors, world: World) -> None:
    instance = scenery.enroll(world).instance
    assert visit("operator").get(f"/enroll/{instance.guid}").status_code == 404


def test_the_page_says_who_is_awaited_and_follows(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    client = visit("requester")
    page = client.get(f"/enroll/{instance.guid}").content.decode()
    assert "Awaiting 2 more approval(s)" in page
    assert page.count("Approvers") == 2
    asking = {"HX-Request": "true"}
    since = re.search(r'hx-get="([^"]*)"', page)
    assert since
    assert client.get(since[1], headers=asking).status_code == 204
    for person in ("approver", "second_approver"):
        approvals.approve(instance.guid, actor=world.actor(person), step_name="RequireApproval1")
    builders.run_until_quiet()
    changes().hear([instance.pk])  # what is said on commit, to which a test never comes
    last = client.get(since[1], headers=asking)
    assert last.status_code == 286
    assert "The certificate is issued" in last.content.decode()


def test_a_page_follows_its_request_through_a_restart(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    client = visit("requester")
    since = re.search(r'hx-get="([^"]*)"', client.get(f"/enroll/{instance.guid}").content.decode())
    assert since
    new = instances.restart(instance.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    changes().hear([instance.pk])
    led = client.get(since[1], headers={"HX-Request": "true"})
    assert (led.status_code, led.headers["Location"]) == (302, f"/enroll/{new.guid}")
    page = client.get(led.headers["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "Your request is on its way" in page
    assert f"Your request was restarted by {world.operator.account_name}" in page
    assert f'hx-get="/enroll/{new.guid}?since=' in page


def test_a_restarted_request_whose_rest_was_deleted_is_awaited_no_longer(
    visit: Visitors, world: World
) -> None:
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    operator = world.actor("operator")
    new = instances.restart(instance.guid, actor=operator)
    builders.run_until_quiet()
    instances.stop(new.guid, actor=operator)
    builders.run_until_quiet()
    instances.delete(new.guid, actor=operator)
    page = visit("requester").get(f"/enroll/{instance.guid}").content.decode()
    assert "was restarted, and what it went on as was deleted since" in page
    assert "Awaiting" not in page


def test_who_may_only_enroll_is_led_nowhere_that_is_closed(visit: Visitors, world: World) -> None:
    world.requester.roles.update(permissions=["/certificates/enrollment/"])
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    client = visit("requester")
    page = client.get(f"/enroll/{instance.guid}").content.decode()
    assert "Awaiting 2 more approval(s)" in page
    assert "this page keeps saying how it stands" in page
    _are_open(client, page)
    for person in ("approver", "second_approver"):
        approvals.approve(instance.guid, actor=world.actor(person), step_name="RequireApproval1")
    builders.run_until_quiet()
    _are_open(client, client.get(f"/enroll/{instance.guid}").content.decode())


def _are_open(client: Client, page: str) -> None:
    main = page.partition("<main")[2].partition("</main>")[0]
    for url in re.findall(r'href="(/[^"]*)"', main):
        assert client.get(unescape(url)).status_code == 200, url


def test_a_rule_of_the_template_that_is_broken_is_said(visit: Visitors, world: World) -> None:
    client = visit("requester")
    answer = send(client, csr=scenery.csr("not a host", dns=["a.keyexample.com"]))
    page = client.get(answer.headers["Location"]).content.decode()
    assert "No certificate was issued" in page
    assert "Invalid CN provided" in page


def test_a_file_will_do(visit: Visitors, world: World) -> None:
    file = SimpleUploadedFile("www.csr", scenery.csr().encode())
    assert send(visit("requester"), csr="", csr_file=file).status_code == 302


@pytest.mark.parametrize("fields", [{"check": "1"}, {"use": "1"}, {"requester_email": "nobody"}])
def test_a_file_comes_back_as_text(visit: Visitors, world: World, fields: dict[str, str]) -> None:
    """A browser gives no file twice; DER, too, is shown as the text that is sent next."""
    pem = scenery.csr()
    der = x509.load_pem_x509_csr(pem.encode()).public_bytes(Encoding.DER)
    file = SimpleUploadedFile("www.der", der)
    page = send(visit("requester"), csr="", csr_file=file, **fields).content.decode()
    assert pem.strip() in page


def test_a_file_counts_before_what_was_read_of_the_last_one(visit: Visitors, world: World) -> None:
    file = SimpleUploadedFile("www.csr", scenery.csr("new.keyexample.com").encode())
    send(visit("requester"), csr=scenery.csr("old.keyexample.com"), csr_file=file)
    assert Instance.objects.get().data["Subject"] == "CN=new.keyexample.com"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"csr": ""}, "csr", "Paste a signing request, or choose a file"),
        ({"csr": "nonsense!"}, "csr", "neither PEM nor base64"),
        ({"csr": "-----BEGIN CERTIFICATE-----"}, "csr", "The text is a CERTIFICATE"),
        ({"csr": scenery.csr()[:200]}, "csr", "cut off"),
        ({"csr": "A" * 70_000}, "csr", "at most 65536 characters"),
        ({"csr": "a\0b"}, "csr", "Null characters are not allowed"),
        ({"template": "NoSuchTemplate"}, "template", "Select a valid choice"),
        ({"template": "WebServerPfx"}, "template", "Select a valid choice"),
        ({"certificate_authority": "elsewhere\\CA"}, "certificate_authority", "Select a valid choice"),
        ({"san_dns": "good.keyexample.com\nnot a name"}, "san_dns", "not a name"),
        ({"san_ip4": "300.1.1.1"}, "san_ip4", "is not an IP address"),
        ({"san_ip4": "::1"}, "san_ip4", "give it as ip or ip6"),
        ({"san_email": "nobody"}, "san_email", "nobody"),
        ({"san_upn": "nobody"}, "san_upn", "user@domain"),
        ({"san_dns": "\n".join(f"a{n}.keyexample.com" for n in range(501))}, "san_dns", "At most 500 names"),
        ({"requester_email": "nobody"}, "requester_email", "valid email"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    visit: Visitors, world: World, fields: dict[str, str], field: str, words: str
) -> None:
    answer = send(visit("requester"), **fields)
    assert answer.status_code == 400
    assert list(errors(answer)) == [field]
    assert words in errors(answer)[field]
    assert not CertificateRequest.objects.exists()


def test_what_was_typed_is_kept_and_what_was_read_is_shown(visit: Visitors, world: World) -> None:
    csr = scenery.csr(dns=["a.keyexample.com", "b.keyexample.com"])
    page = send(visit("requester"), csr=csr, san_ip4="300.1.1.1").content.decode()
    assert csr.splitlines()[1] in page
    assert "300.1.1.1</textarea>" in page
    assert "What was read from the request" in page
    assert "b.keyexample.com" in page
    assert '<details class="disclosure" open>' in page, "the names are unfolded, because one is wrong"


def test_a_file_of_fifty_megabytes(visit: Visitors, world: World) -> None:
    """It is read to its end and kept nowhere, so that the form comes back with what was typed."""
    file = SimpleUploadedFile("huge.csr", b"x" * (50 * 1024 * 1024))
    answer = send(visit("requester"), csr="", csr_file=file, san_dns="kept.keyexample.com")
    assert answer.status_code == 400
    assert "larger than 64 kB" in errors(answer)["csr_file"]
    assert "kept.keyexample.com" in answer.content.decode()


def test_names_from_the_form_replace_those_of_the_request(visit: Visitors, world: World) -> None:
    send(visit("requester"), san_dns="a.keyexample.com\n\n b.keyexample.com ", san_ip4="192.0.2.1")
    sans = Instance.objects.get().data["SANs"]
    assert sans == {
        "DNS Name": {"Entry 1": "a.keyexample.com", "Entry 2": "b.keyexample.com"},
        "IPv4 Address": {"Entry 1": "192.0.2.1"},
    }


def test_a_template_for_others_is_not_offered(visit: Visitors, world: World) -> None:
    CertificateTemplate.objects.filter(common_name="CodeSigning").update(use_allowed_requesters=True)
    client = visit("requester")
    assert 'value="CodeSigning"' not in client.get("/enroll/csr").content.decode()
    assert "template" in errors(send(client, template="CodeSigning"))
    CertificateTemplate.objects.get(common_name="CodeSigning").allowed_requesters.add(
        world.requester.roles.get()
    )
    assert 'value="CodeSigning"' in client.get("/enroll/csr").content.decode()


def test_a_template_without_anybody_is_said(visit: Visitors, world: World) -> None:
    CertificateTemplate.objects.update(allowed_enrollment_types=0)
    assert "No template is open to you" in visit("requester").get("/enroll/csr").content.decode()


def test_a_link_may_choose_the_template(visit: Visitors, world: World) -> None:
    page = visit("requester").get("/enroll/csr?template=WebServer").content.decode()
    assert '<option value="WebServer" selected>' in page


def metadata(name: str, data_type: MetadataDataType, **fields: object) -> MetadataField:
    return MetadataField.objects.create(name=name, description=name, data_type=data_type, **fields)


def test_metadata_is_asked_for_as_its_type_wants(visit: Visitors, world: World) -> None:
    required = MetadataEnrollment.Required
    fields = [
        metadata("Owner", MetadataDataType.String, enrollment=required, hint="Who answers for it"),
        metadata("Cost centre", MetadataDataType.Integer),
        metadata("Until", MetadataDataType.Date),
        metadata("Public", MetadataDataType.Boolean),
        metadata("Stage", MetadataDataType.MultipleChoice, options="Test, Production"),
        metadata("Note", MetadataDataType.BigText),
        metadata("Contact", MetadataDataType.Email),
        metadata("Hidden", MetadataDataType.String, enrollment=MetadataEnrollment.Hidden),
    ]
    client = visit("requester")
    page = client.get("/enroll/csr").content.decode()
    assert "Who answers for it" in page
    assert "Hidden" not in page
    given = ["Payments", "4711", "2027-01-31", "True", "Production", "Two\r\nlines", "a@keyexample.com"]
    names = [f"metadata_{field.pk}" for field in fields]
    answer = send(client, **dict(zip(names, given, strict=False)))
    assert answer.status_code == 302
    assert Instance.objects.get().data["Metadata"] == {
        "Owner": "Payments",
        "Cost centre": "4711",
        "Until": "2027-01-31",
        "Public": "True",
        "Stage": "Production",
        "Note": "Two\nlines",
        "Contact": "a@keyexample.com",
    }


def test_metadata_that_does_not_fit_is_said_at_its_field(visit: Visitors, world: World) -> None:
    owner = metadata("Owner", MetadataDataType.String, enrollment=MetadataEnrollment.Required)
    number = metadata("Number", MetadataDataType.Integer)
    code = metadata(
        "Code", MetadataDataType.String, validation="^[A-Z]{3}$", message="Three capitals, please."
    )
    answer = send(visit("requester"), **{f"metadata_{number.pk}": "many", f"metadata_{code.pk}": "abcd"})
    assert errors(answer) == {
        f"metadata_{owner.pk}": "This field is required.",
        f"metadata_{number.pk}": "Enter a whole number.",
        f"metadata_{code.pk}": "Three capitals, please.",
    }


def test_a_subject_with_markup_is_text(visit: Visitors, world: World) -> None:
    csr = scenery.csr("<script>alert(1)</script>", dns=["a.keyexample.com"])
    client = visit("requester")
    page = send(client, csr=csr, san_ip4="x").content.decode()
    assert "<script>alert" not in page
    answer = send(client, csr=csr, template="CodeSigning")
    assert "<script>alert" not in client.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "It would be issued as it stands"),
        ({"csr": scenery.csr("not a host", dns=["a.keyexample.com"])}, "Invalid CN provided"),
        ({"san_dns": "*.keyexample.com"}, "does not allow wildcards"),
    ],
)
def test_a_request_can_be_checked_before_it_is_sent(
    visit: Visitors, world: World, fields: dict[str, str], words: str
) -> None:
    answer = send(visit("requester"), check="1", **fields)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert "What was read from the request" in answer.content.decode()
    assert not CertificateRequest.objects.exists()
    assert not Instance.objects.exists()


def test_a_renewal_by_csr_names_the_old_one(visit: Visitors, world: World) -> None:
    old = scenery.enroll(world).certificate
    assert old is not None
    client = visit("requester")
    page = client.get(f"/enroll/csr?renews={old.pk}").content.decode()
    assert "appsrvr12.keyexample.com</textarea>" in page
    answer = send(client, renews=str(old.pk), san_ip4="x")
    assert "This renews appsrvr12.keyexample.com" in answer.content.decode(), "it is kept with what was typed"
    send(client, renews=str(old.pk))
    assert CertificateRequest.objects.latest("pk").renews == old
