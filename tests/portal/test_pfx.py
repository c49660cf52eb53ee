"""Enroll by PFX, and the pickup of certificate and key."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from django.http import HttpResponse
from django.test import Client

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.portal.test_enrollment import errors
from tests.world import World
from workflows.actions import enrollment
from workflows.actions.enrollment_wishes import Wish
from workflows.models import Certificate, CertificateRequest, CertificateTemplate, Instance
from workflows.vocabulary.enrollment import KeyRetentionPolicy, PrivateKeyStatus

PASSWORD = "a password of the file"


def send(client: Client, **fields: str) -> HttpResponse:
    given = {"template": "WebServerPfx", "common_name": "www.keyexample.com", "san_dns": "www.keyexample.com"}
    return client.post("/enroll/pfx", {**given, **fields})


@pytest.fixture
def issued(world: World) -> Certificate:
    """A certificate whose key waits to be picked up by the requester."""
    wish = Wish(
        template="WebServerPfx", subject="CN=www.keyexample.com", sans={"dns": ["www.keyexample.com"]}
    )
    enrollment.enroll(wish, actor=world.actor("requester"))
    builders.run_until_quiet()
    return Certificate.objects.get()


def pick_up(client: Client, certificate: Certificate, **fields: str) -> HttpResponse:
    given = {"password": PASSWORD, "again": PASSWORD, "file_format": "PFX", "include_chain": "on", **fields}
    return client.post(f"/certificates/{certificate.pk}/pickup", given)


def test_from_the_form_to_the_file(visit: Visitors, world: World) -> None:
    client = visit("requester")
    answer = send(client, organization='Key, "Example"', country="US", key="ECC P-384", custom_name="Shop")
    builders.run_until_quiet()
    instance = Instance.objects.get()
    assert instance.data["Subject"] == 'CN=www.keyexample.com,O="Key, \\"Example\\"",C=US'
    page = client.get(answer.headers["Location"]).content.decode()
    certificate = Certificate.objects.get()
    assert f'href="/certificates/{certificate.pk}/pickup"' in page
    file = pick_up(client, certificate)
    assert file.headers["Content-Type"] == "application/x-pkcs12"
    assert "no-store" in file.headers["Cache-Control"]
    opened = pkcs12.load_pkcs12(file.content, PASSWORD.encode())
    assert opened.cert is not None
    assert opened.cert.friendly_name == b"Shop"
    assert len(opened.additional_certs) == 2
    assert isinstance(opened.key, ec.EllipticCurvePrivateKey)
    assert opened.key.curve.name == "secp384r1"


def test_a_key_is_handed_out_once(visit: Visitors, issued: Certificate) -> None:
    client = visit("requester")
    page = client.get(f"/certificates/{issued.pk}/pickup").content.decode()
    assert "The key is deleted here once you have it" in page
    assert pick_up(client, issued).status_code == 200
    again = pick_up(client, issued)
    assert again.status_code == 409
    assert "was fetched before" in again.content.decode()
    assert "is not here any more" in client.get(f"/certificates/{issued.pk}/pickup").content.decode()
    assert (
        f"/certificates/{issued.pk}/pickup" not in client.get(f"/certificates/{issued.pk}").content.decode()
    )


def test_a_key_that_the_template_retains_is_kept(visit: Visitors, world: World) -> None:
    CertificateTemplate.objects.update(key_retention=KeyRetentionPolicy.Indefinite)
    send(visit("requester"), key="RSA 2048")
    builders.run_until_quiet()
    certificate = Certificate.objects.get()
    for _ in range(2):
        answer = pick_up(visit("requester"), certificate, file_format="ZIP")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            key = load_pem_private_key(archive.read("key.pem"), PASSWORD.encode())
        assert isinstance(key, rsa.RSAPrivateKey)
    assert certificate.private_key is not None
    assert certificate.private_key.status == PrivateKeyStatus.Retained


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"password": "short", "again": "short"}, "password", "at least 12 characters"),
        ({"again": "another password"}, "again", "The two passwords differ."),
        ({"password": "", "again": ""}, "password", "This field is required"),
        ({"file_format": "EXE"}, "file_format", "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_the_pickup_is_said(
    visit: Visitors, issued: Certificate, fields: dict[str, str], field: str, words: str
) -> None:
    answer = pick_up(visit("requester"), issued, **fields)
    assert answer.status_code == 400
    assert words in errors(answer)[field]
    assert PASSWORD not in answer.content.decode()
    assert pick_up(visit("requester"), issued).status_code == 200, "the key is still there"


def test_nobody_else_picks_it_up(visit: Visitors, world: World, issued: Certificate) -> None:
    assert pick_up(visit("operator"), issued).status_code == 200, "he may read private keys"
    for person, status in (("approver", 403), ("stranger", 403)):
        assert pick_up(visit(person), issued).status_code == status
    builders.role("Readers", world.stranger, permissions=["/certificates/collections/read/"])
    assert pick_up(visit("stranger"), issued).status_code == 403
    assert "/pickup" not in visit("stranger").get(f"/certificates/{issued.pk}").content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"common_name": ""}, "common_name", "This field is required"),
        ({"common_name": "x" * 70}, "common_name", "64"),
        ({"country": "USA"}, "country", "at most 2 characters"),
        ({"country": "1!"}, "country", "country"),
        ({"key": "RSA 1024"}, "key", "does not allow the key RSA 1024"),
        ({"owner_role": "987654"}, "owner_role", "Select a valid choice"),
        ({"template": "WebServer"}, "template", "Select a valid choice"),
        ({"san_ip6": "192.0.2.1"}, "san_ip6", "give it as ip or ip4"),
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


def test_only_keys_of_the_chosen_template_are_offered(visit: Visitors, world: World) -> None:
    """Another template allows more."""
    CertificateTemplate.objects.filter(common_name="CodeSigning").update(allowed_enrollment_types=3)
    CertificateTemplate.objects.filter(common_name="WebServerPfx").update(
        key_specs=[{"type": "RSA", "bits": 2048, "curve": None}]
    )
    client = visit("requester")
    page = client.get("/enroll/pfx?template=WebServerPfx").content.decode()
    assert re.findall(
        r'<option value="([^"]+)">', page.partition('name="key"')[2].partition("</select>")[0]
    ) == ["RSA 2048"]
    assert errors(send(client, key="ECC P-256")) == {"key": "The template does not allow the key ECC P-256."}


def test_an_owner_is_one_of_ones_own_roles(visit: Visitors, world: World) -> None:
    role = world.requester.roles.get()
    page = visit("requester").get("/enroll/pfx").content.decode()
    assert re.findall(r'<option value="(\d+)">', page.partition('name="owner_role"')[2]) == [str(role.pk)]
    send(visit("requester"), owner_role=str(role.pk))
    assert CertificateRequest.objects.get().owner_role == role


def test_the_pickup_begins_with_what_was_wished_for(visit: Visitors, world: World) -> None:
    client = visit("requester")
    assert '<option value="ZIP"' in client.get("/enroll/pfx").content.decode()
    send(client, certificate_format="ZIP")
    builders.run_until_quiet()
    page = client.get(f"/certificates/{Certificate.objects.get().pk}/pickup").content.decode()
    assert '<option value="ZIP" selected>' in page
    assert 'id="id_include_chain" checked' not in page


def test_who_may_not_enroll_does_not(visit: Visitors) -> None:
    assert visit("approver").get("/enroll/pfx").status_code == 403
    assert send(visit("approver")).status_code == 403


def test_a_pickup_of_a_certificate_by_csr_is_refused(visit: Visitors, world: World) -> None:
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    assert (
        "was never here" in visit("requester").get(f"/certificates/{certificate.pk}/pickup").content.decode()
    )
    assert pick_up(visit("requester"), certificate).status_code == 409


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("www.keyexample.com", "It would be issued as it stands"),
        ("*.keyexample.com", "does not allow wildcards"),
    ],
)
def test_a_request_can_be_checked_before_it_is_sent(
    visit: Visitors, world: World, name: str, words: str
) -> None:
    answer = send(visit("requester"), check="1", common_name=name)
    assert words in answer.content.decode()
    assert not CertificateRequest.objects.exists()


def test_a_renewal_begins_with_the_names_of_the_old_one(
    visit: Visitors, world: World, issued: Certificate
) -> None:
    client = visit("requester")
    url = f"/enroll/pfx?renews={issued.pk}"
    assert f'href="{url}"' in client.get(f"/certificates/{issued.pk}").content.decode()
    page = client.get(url).content.decode()
    assert 'name="common_name" value="www.keyexample.com"' in page
    assert "www.keyexample.com</textarea>" in page
    assert '<option value="WebServerPfx" selected>' in page
    assert "This renews www.keyexample.com" in page
    send(client, renews=str(issued.pk))
    assert CertificateRequest.objects.latest("pk").renews == issued


@pytest.mark.parametrize(
    ("number", "status"), [("987654", 404), ("nonsense", 200), ("", 200), ("9" * 40, 404), ("²", 200)]
)
def test_only_what_one_sees_is_renewed(
    visit: Visitors, issued: Certificate, number: str, status: int
) -> None:
    assert visit("requester").get("/enroll/pfx", {"renews": number}).status_code == status
