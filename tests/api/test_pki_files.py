"""/pki: what verifiers fetch, without credentials, cached and compared."""

from __future__ import annotations

import pytest
from cryptography import x509
from django.test import Client
from django.utils import timezone

from tests.world import World
from workflows.actions import signing
from workflows.models import CertificateAuthority


@pytest.fixture
def authority(world: World) -> CertificateAuthority:
    return CertificateAuthority.objects.get(private_key__isnull=False)


def test_the_newest_crl_is_served(client: Client, authority: CertificateAuthority) -> None:
    newest = signing.publish_crl(authority.pk, timezone.now())
    answer = client.get(f"/pki/{authority.crl_path}.crl")
    assert answer["Content-Type"] == "application/pkix-crl"
    assert answer["Cache-Control"] == "public, max-age=60"
    crl = x509.load_der_x509_crl(answer.content)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == newest.number


def test_a_crl_that_is_known_is_not_sent_again(client: Client, authority: CertificateAuthority) -> None:
    path = f"/pki/{authority.crl_path}.crl"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    dated = client.get(path, headers={"If-Modified-Since": first["Last-Modified"]})
    assert dated.status_code == 304
    signing.publish_crl(authority.pk, timezone.now())
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_ca_certificate_is_served(client: Client, authority: CertificateAuthority) -> None:
    answer = client.get(f"/pki/{authority.crl_path}.cer")
    assert answer["Content-Type"] == "application/pkix-cert"
    certificate = x509.load_der_x509_certificate(answer.content)
    assert "Countersign Issuing CA 1" in certificate.subject.rfc4514_string()
    assert client.get("/pki/root-ca.cer").status_code == 200
    assert client.get("/pki/root-ca.crl").status_code == 200


@pytest.mark.parametrize("ending", ["crl", "cer"])
def test_head_and_nothing_and_other_verbs(
    client: Client, authority: CertificateAuthority, ending: str
) -> None:
    head = client.head(f"/pki/{authority.crl_path}.{ending}")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head["Content-Length"]) > 100
    assert client.get(f"/pki/nowhere.{ending}").status_code == 404
    assert client.post(f"/pki/{authority.crl_path}.{ending}").status_code == 405
    assert not client.cookies
