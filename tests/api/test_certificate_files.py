"""/Certificates: downloads, and keys that are picked up."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from tests.api.clients import ApiClient
from workflows.models import Certificate, PrivateKey

Cast = Callable[..., ApiClient]


def download(client: ApiClient, body: dict[str, Any], file_format: str = "") -> bytes:
    headers = {"X_CertificateFormat": file_format} if file_format else {}
    return base64.b64decode(client.post("Certificates/Download", body, **headers).json()["Content"])


def test_downloads_have_the_wanted_form(cast: Cast, certificate: Certificate) -> None:
    operator, body = cast("operator"), {"CertID": certificate.pk, "IncludeChain": True}
    chain = x509.load_pem_x509_certificates(download(operator, body))
    assert [each.subject.rfc4514_string().split(",")[0] for each in chain] == [
        "CN=appsrvr12.keyexample.com",
        "CN=Countersign Issuing CA 1",
        "CN=Countersign Root CA",
    ]
    reverse = x509.load_pem_x509_certificates(download(operator, {**body, "ChainOrder": "RootFirst"}))
    assert reverse == chain[::-1]
    assert len(pkcs7.load_der_pkcs7_certificates(download(operator, body, "p7b"))) == 3
    assert download(operator, body, "DER") == bytes(certificate.der)
    assert len(x509.load_pem_x509_certificates(download(operator, {"certID": certificate.pk}, "pem"))) == 1


def test_a_certificate_is_named_in_three_ways(cast: Cast, certificate: Certificate) -> None:
    for body in (
        {"CertID": certificate.pk},
        {"CertID": 0, "Thumbprint": certificate.thumbprint.lower()},
        {"SerialNumber": certificate.serial_number, "IssuerDN": certificate.issuer_dn.upper()},
    ):
        assert download(cast("operator"), body, "DER") == bytes(certificate.der)


@pytest.mark.parametrize(
    ("body", "header", "status"),
    [
        ({}, "", 400),
        ({"SerialNumber": "AB"}, "", 400),
        ({"CertID": "one"}, "", 400),
        ({"CertID": 999_999}, "", 404),
        ({"Thumbprint": "00"}, "", 404),
        ({"CertID": 1}, "PFX", 400),
        ({"CertID": 1, "ChainOrder": "Sideways"}, "", 400),
    ],
)
def test_bad_downloads(cast: Cast, certificate: Certificate, body: Any, header: str, status: int) -> None:
    headers = {"x_certificateformat": header} if header else {}
    answer = cast("operator").post("Certificates/Download", body, **headers)
    assert answer.status_code == status
    assert answer.json()["Message"]
    assert cast("stranger").post("Certificates/Download", body, **headers).status_code == 403


def test_a_key_is_picked_up_once(cast: Cast, with_key: Certificate) -> None:
    body = {"CertID": with_key.pk, "Password": "of the file", "IncludeChain": True}
    shown = cast("operator").get(f"Certificates/{with_key.pk}").json()
    assert (shown["HasPrivateKey"], shown["ArchivedKey"]) == (True, False)
    answer = cast("requester").post("Certificates/Recover", body).json()
    assert answer["FileName"] == "appsrvr14.keyexample.com.pfx"
    store = pkcs12.load_pkcs12(base64.b64decode(answer["PFX"]), b"of the file")
    assert (store.cert.certificate.serial_number, len(store.additional_certs)) == (
        int(with_key.serial_number, 16),
        2,
    )
    again = cast("requester").post("Certificates/Recover", body)
    assert (again.status_code, "enroll anew" in again.json()["Message"]) == (409, True)
    assert cast("operator").get(f"Certificates/{with_key.pk}").json()["HasPrivateKey"] is False


def test_only_the_requester_and_key_holders_recover(cast: Cast, with_key: Certificate) -> None:
    body = {"CertID": with_key.pk, "Password": "of the file"}
    assert cast("stranger").post("Certificates/Recover", body).status_code == 403
    assert cast("approver").post("Certificates/Recover", body).status_code == 403
    assert PrivateKey.objects.get(certificate=with_key).ciphertext is not None
    assert cast("operator").post("Certificates/Recover", body).status_code == 200


@pytest.mark.parametrize(
    "change", [{"Password": ""}, {"Password": None}, {"Password": 7}, {"CertID": None}, {"ChainOrder": "x"}]
)
def test_bad_recoveries_keep_the_key(cast: Cast, with_key: Certificate, change: dict[str, Any]) -> None:
    body = {"CertID": with_key.pk, "Password": "of the file", **change}
    assert cast("requester").post("Certificates/Recover", body).status_code == 400
    assert PrivateKey.objects.get(certificate=with_key).ciphertext is not None


def test_the_key_of_a_csr_was_never_here(cast: Cast, certificate: Certificate) -> None:
    body = {"CertID": certificate.pk, "Password": "of the file"}
    answer = cast("operator").post("Certificates/Recover", body)
    assert (answer.status_code, "never here" in answer.json()["Message"]) == (409, True)
