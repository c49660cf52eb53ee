"""/Enrollment: by CSR and by PFX, issued, awaited and refused; what may be asked for."""

from __future__ import annotations

import base64
import io
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from pytest_django import Settings

from tests import builders
from tests import world as scenery
from tests.api import bad_csrs
from tests.api.clients import ApiClient
from tests.api.workers import working
from tests.world import World
from workflows.models import (
    Certificate,
    CertificateRequest,
    CertificateTemplate,
    Event,
    Instance,
    MetadataField,
    PrivateKey,
    Role,
)
from workflows.vocabulary.enrollment import KeyRetentionPolicy, PrivateKeyStatus

Cast = Callable[..., ApiClient]
PASSWORD = " kept by the requester "
TABLES = (CertificateRequest, Instance, Certificate, Event, PrivateKey)


@pytest.fixture
def issuing(transactional_db: None, world: World, settings: Settings) -> Iterator[World]:
    """Somebody works while the call waits."""
    settings.ENROLL_WAIT_SECONDS = 30
    with working():
        yield world


def by_csr(client: ApiClient, *, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    body = {"CSR": scenery.csr(), "Template": "WebServer", "Timestamp": "2026-11-22T10:00:00Z", **fields}
    return client.post("Enrollment/CSR", body, **(headers or {}))


def by_pfx(client: ApiClient, *, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    body = {
        "Subject": "CN=appsrvr14.keyexample.com",
        "SANs": {"DNS": ["appsrvr14.keyexample.com"]},
        "Template": "WebServerPfx",
        "Password": PASSWORD,
        **fields,
    }
    return client.post("Enrollment/PFX", body, **(headers or {}))


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]  # type: ignore[attr-defined]


def test_a_csr_becomes_a_certificate(cast: Cast, issuing: World) -> None:
    MetadataField.objects.create(name="Department")
    answer = by_csr(cast("requester"), Metadata={"department": "Web"}, IncludeChain=True).json()
    found = answer["CertificateInformation"]
    certificate = Certificate.objects.get()
    leaf, *chain = (x509.load_pem_x509_certificate(text.encode()) for text in found["Certificates"])
    assert leaf.serial_number == int(found["SerialNumber"], 16) == int(certificate.serial_number, 16)
    assert [each.subject.rfc4514_string() for each in chain] == [
        "CN=Countersign Issuing CA 1,O=Countersign",
        "CN=Countersign Root CA,O=Countersign",
    ]
    instance = Instance.objects.get()
    assert found == {
        "SerialNumber": certificate.serial_number,
        "IssuerDN": "CN=Countersign Issuing CA 1,O=Countersign",
        "Thumbprint": certificate.thumbprint,
        "KeyfactorID": certificate.pk,
        "KeyfactorRequestId": certificate.request_id,
        "Certificates": found["Certificates"],
        "WorkflowInstanceId": str(instance.guid),
        "WorkflowReferenceId": instance.pk,
        "RequestDisposition": "ISSUED",
        "DispositionMessage": "Issued",
        "EnrollmentContext": {},
    }
    assert answer["Metadata"] == {"Department": "Web"}


def test_der_is_base64_and_the_chain_is_left_out(cast: Cast, issuing: World) -> None:
    answer = by_csr(cast("requester"), headers={"X_CertificateFormat": "der"}).json()
    (text,) = answer["CertificateInformation"]["Certificates"]
    assert base64.b64decode(text) == bytes(Certificate.objects.get().der)


def test_subjects_stand_above_the_pem(cast: Cast, issuing: World) -> None:
    answer = by_csr(cast("requester"), IncludeSubjectHeader=True).json()
    (text,) = answer["CertificateInformation"]["Certificates"]
    assert text.startswith("Subject: CN=appsrvr12.keyexample.com\nIssuer: CN=Countersign Issuing CA 1,O=")


def test_sans_of_the_request_replace_those_of_the_csr(cast: Cast, issuing: World) -> None:
    by_csr(cast("requester"), SANs={"dns": ["other.keyexample.com"], "ip": ["192.0.2.7"]})
    leaf = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["other.keyexample.com"]
    assert str(names.get_values_for_type(x509.IPAddress)[0]) == "192.0.2.7"


def test_a_held_request_is_pending(cast: Cast, issuing: World) -> None:
    scenery.needs_approvals(issuing, 2)
    answer = by_csr(cast("requester"))
    instance = Instance.objects.get()
    assert answer.status_code == 200
    found = answer.json()["CertificateInformation"]
    assert found.pop("Awaited")["Roles"] == ["Approvers"]
    assert answer.headers["Retry-After"] == "30"
    assert found == {
        "SerialNumber": None,
        "IssuerDN": None,
        "Thumbprint": None,
        "KeyfactorID": 0,
        "KeyfactorRequestId": instance.request_id,
        "Certificates": None,
        "WorkflowInstanceId": str(instance.guid),
        "WorkflowReferenceId": instance.pk,
        "RequestDisposition": "PENDING",
        "DispositionMessage": "Awaiting 2 more approval(s) from approval roles.",
        "EnrollmentContext": {},
    }


def test_who_waits_in_vain_is_told_where_the_workflow_is(cast: Cast, world: World) -> None:
    found = by_csr(cast("requester")).json()["CertificateInformation"]
    assert found["RequestDisposition"] == "PENDING"
    assert "Start-NOOP" in found["DispositionMessage"]


def test_a_subject_against_the_rules_fails_with_their_words(cast: Cast, world: World) -> None:
    answer = by_csr(cast("requester"), CSR=scenery.csr("not a host", dns=["www.keyexample.com"]))
    instance = Instance.objects.get()
    assert answer.status_code == 400
    found = answer.json()
    assert found["ErrorCode"] == "0xC001000D"
    assert found["Message"].startswith("Pre-process failed: Invalid CN provided: Value must be a host name")
    assert found["RequestDisposition"] == "FAILED"
    assert found["WorkflowInstanceId"] == str(instance.guid)
    assert found["WorkflowReferenceId"] == instance.pk
    assert found["KeyfactorRequestId"] == instance.request_id


def test_a_failure_after_issuance_names_the_certificate(cast: Cast, issuing: World) -> None:
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    broken = builders.step("NOOPStep", "After", Conditions=[{"Value": "$(nowhere)"}])
    steps = builders.chain(builders.step("EnrollStep", "KeyfactorEnroll"), broken)
    builders.publish(steps, builders.WorkflowType.Enrollment, keys=[key])
    answer = by_csr(cast("requester"))
    assert answer.status_code == 400
    assert answer.json()["KeyfactorId"] == Certificate.objects.get().pk


def test_a_pfx_opens_with_the_callers_password(cast: Cast, issuing: World) -> None:
    answer = by_pfx(
        cast("requester"), KeyType="RSA", KeyLength=2048, IncludeChain=True, CustomFriendlyName="Web"
    )
    found = answer.json()["CertificateInformation"]
    store = pkcs12.load_pkcs12(base64.b64decode(found["Pkcs12Blob"]), PASSWORD.encode())
    assert store.key.key_size == 2048
    assert store.cert.friendly_name == b"Web"
    assert len(store.additional_certs) == 2
    certificate = Certificate.objects.get()
    assert (found["KeyfactorId"], found["RequestDisposition"]) == (certificate.pk, "ISSUED")
    assert (found["Password"], found["KeyStatus"]) == (None, "Dropped")
    assert PrivateKey.objects.get(certificate=certificate).ciphertext is None
    assert PASSWORD.strip() not in answer.content.decode()


def test_a_retained_key_says_so(cast: Cast, issuing: World) -> None:
    templates = CertificateTemplate.objects.filter(common_name="WebServerPfx")
    templates.update(key_retention=KeyRetentionPolicy.Indefinite)
    found = by_pfx(cast("requester", "/KeyfactorAPI/")).json()["CertificateInformation"]
    assert found["DispositionMessage"] == "Issued. The private key was successfully retained."
    assert found["KeyStatus"] == PrivateKeyStatus.Retained


def test_a_zip_holds_pem_files(cast: Cast, issuing: World) -> None:
    answer = by_pfx(cast("requester"), headers={"x_certificateformat": "Zip"}).json()
    blob = base64.b64decode(answer["CertificateInformation"]["Pkcs12Blob"])
    with zipfile.ZipFile(io.BytesIO(blob)) as files:
        assert sorted(files.namelist()) == ["certificate.pem", "chain.pem", "key.pem"]
        load_pem_private_key(files.read("key.pem"), PASSWORD.encode())


def test_openssl_reads_a_file_for_old_importers(cast: Cast, issuing: World, tmp_path: Path) -> None:
    found = by_pfx(cast("requester"), UseLegacyEncryption=True).json()["CertificateInformation"]
    (tmp_path / "old.pfx").write_bytes(base64.b64decode(found["Pkcs12Blob"]))
    command = [
        "openssl",
        "pkcs12",
        "-info",
        "-legacy",
        "-nodes",
        "-in",
        "old.pfx",
        "-passin",
        f"pass:{PASSWORD}",
    ]
    read = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "pbeWithSHA1And3-KeyTripleDES-CBC" in read.stderr


def test_a_held_pfx_is_pending_without_file(cast: Cast, issuing: World) -> None:
    scenery.needs_approvals(issuing, template="WebServerPfx")
    found = by_pfx(cast("requester")).json()["CertificateInformation"]
    assert (found["RequestDisposition"], found["Pkcs12Blob"], found["KeyStatus"]) == (
        "PENDING",
        None,
        "Unknown",
    )


def test_what_client_11_sends_is_understood(cast: Cast, issuing: World) -> None:
    body = {
        "csr": scenery.csr(),
        "template": "webserver",
        "saNs": None,
        "certificateAuthority": "countersign issuing ca 1",
        "includeChain": False,
        "metadataInput": {},
        "additionalEnrollmentFieldsInput": None,
        "timestamp": "2026-11-22T01:37:01.Z",
        "privateKey": None,
    }
    answer = cast("requester", "/KeyfactorAPI/").post("Enrollment/CSR", body)
    assert answer.json()["CertificateInformation"]["RequestDisposition"] == "ISSUED", answer.content


BAD_CSR_REQUESTS: list[tuple[dict[str, Any], str, str]] = [
    ({"CSR": "nonsense!"}, "0xC0010005", "neither PEM nor base64"),
    ({"CSR": ""}, "0xC0010001", "CSR"),
    ({"CSR": None}, "0xC0010001", "CSR"),
    ({"CSR": 7}, "0xC0010001", "Must be text"),
    ({"CSR": bad_csrs.tampered()}, "0xC0010005", "does not verify"),
    ({"CSR": bad_csrs.small_key()}, "0xA0110004", "1024 bits"),
    ({"Template": "Nowhere"}, "0xC0010007", "GET /Templates"),
    ({"Template": "WebServerPfx"}, "0xC0010007", "does not allow enrollment by CSR"),
    ({"Template": None}, "0xC0010001", "Template"),
    ({"SANs": ["a"]}, "0xC0010002", "StartObject"),
    ({"SANs": {"dns": "a"}}, "0xC0010006", "list of texts"),
    ({"SANs": {"x400": ["a"]}}, "0xC0010006", "not supported"),
    ({"Metadata": {"Nowhere": "x"}}, "0xC0010001", "no metadata field"),
    ({"AdditionalEnrollmentFields": {"Nowhere": "x"}}, "0xC0010001", "no enrollment field"),
    ({"CertificateAuthority": "elsewhere"}, "0xC0010001", "not by elsewhere"),
    ({"PrivateKey": "MIIE"}, "0xC0010001", "PrivateKey"),
    ({"EnrollmentPatternId": 0}, "0xC0010007", "no enrollment pattern 0"),
    ({"EnrollmentPatternId": 2**31}, "0xC0010001", "EnrollmentPatternId"),
    ({"RenewalCertificateId": 0}, "0xC0010001", "is no certificate"),
    ({"OwnerRoleId": 999}, "0xC0010001", "OwnerRoleId"),
    ({"Template": "Web\0Server"}, "0xC0010002", "NUL"),
    ({"Metadata": {"A": "\ud800"}}, "0xC0010002", "surrogate"),
]


@pytest.mark.parametrize(("fields", "code", "words"), BAD_CSR_REQUESTS)
def test_bad_csr_requests_leave_nothing(
    cast: Cast, world: World, fields: dict[str, Any], code: str, words: str
) -> None:
    before = counts()
    answer = by_csr(cast("requester"), **fields)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, code), answer.content
    assert words in answer.json()["Message"]
    assert counts() == before


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Password": None}, "password"),
        ({"Password": ""}, "password"),
        ({"Password": 12345}, "Password"),
        ({"Password": "a" * 256}, "255"),
        ({"CustomFriendlyName": "a" * 256}, "255"),
        ({"Subject": "no equals sign"}, "position 1"),
        ({"Template": "WebServer"}, "by PFX"),
        ({"KeyType": "RSA", "KeyLength": 1024}, "1024"),
        ({"KeyType": "Dilithium"}, "RSA or ECC"),
        ({"KeyType": "ECC", "Curve": "P-521"}, "does not allow keys"),
        ({"ChainOrder": "Sideways"}, "EndEntityFirst"),
        ({"Stores": [{"StoreId": "6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"}]}, "stores"),
        ({"InstallIntoExistingCertificateStores": True}, "stores"),
        ({"PopulateMissingValuesFromAD": True}, "directory"),
        ({"AlternativeKeyType": "ML-DSA"}, "second) keys"),
        ({"AlternativeKeyLength": 44}, "second) keys"),
    ],
)
def test_bad_pfx_requests_leave_nothing(cast: Cast, world: World, fields: dict[str, Any], words: str) -> None:
    before = counts()
    answer = by_pfx(cast("requester"), **fields)
    assert answer.status_code == 400, answer.content
    assert words in answer.json()["Message"]
    assert counts() == before


@pytest.mark.parametrize(
    ("how", "name"), [(by_csr, "PFX"), (by_csr, "STORE"), (by_pfx, "STORE"), (by_pfx, "PEM")]
)
def test_formats_that_are_not_served(cast: Cast, world: World, how: Any, name: str) -> None:
    before = counts()
    answer = how(cast("requester"), headers={"x_certificateformat": name})
    assert answer.status_code == 400
    assert "x-certificateformat" in answer.json()["Message"]
    assert counts() == before


def test_a_body_of_five_megabytes_is_too_large(cast: Cast, world: World) -> None:
    before = counts()
    answer = by_csr(cast("requester"), CSR="A" * 5_000_000)
    assert answer.status_code == 413
    assert counts() == before


def test_strangers_and_approvers_request_nothing(cast: Cast, world: World) -> None:
    before = counts()
    for name in ("stranger", "approver"):
        for answer in (by_csr(cast(name)), by_pfx(cast(name))):
            assert (answer.status_code, answer.json()["ErrorCode"]) == (403, "0xA0140002")
    assert counts() == before


def test_only_allowed_requesters_use_a_template_of_theirs(cast: Cast, world: World) -> None:
    CertificateTemplate.objects.filter(common_name="WebServer").update(use_allowed_requesters=True)
    assert by_csr(cast("requester")).status_code == 403
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.allowed_requesters.add(Role.objects.get(name="Requesters"))
    assert by_csr(cast("requester")).status_code == 200


def test_a_csr_is_told_part_by_part(cast: Cast, world: World) -> None:
    answer = cast("stranger").post("Enrollment/CSR/Parse", {"CSR": scenery.csr(dns=["www.keyexample.com"])})
    assert answer.json() == [
        "CN=appsrvr12.keyexample.com",
        "DNS Name=www.keyexample.com",
        "Key Type=ECC",
        "Key Length=256",
    ]
    assert cast("stranger").post("Enrollment/CSR/Parse", {"CSR": "nonsense!"}).status_code == 400


def test_the_form_of_a_requester_knows_templates_and_rules(cast: Cast, world: World) -> None:
    MetadataField.objects.create(name="Department", hint="Who pays")
    found = cast("requester").get("Enrollment/CSR/Context/My").json()
    assert found["StandaloneCAs"] == []
    assert [each["Name"] for each in found["Templates"]] == ["CodeSigning", "WebServer"]
    web = found["Templates"][1]
    assert web["CAs"][0]["Name"].endswith(r"\Countersign Issuing CA 1")
    assert web["Regexes"][0]["SubjectPart"] == "CN"
    assert web["MetadataFields"][0]["Name"] == "Department"
    assert 2048 in web["EnrollmentTemplatePolicy"]["KeyInfo"]["Rsa"]["BitLengths"]
    by_pfx_only = cast("requester").get("Enrollment/PFX/Context/My").json()["Templates"]
    assert [each["Name"] for each in by_pfx_only] == ["WebServerPfx"]


def test_the_rules_of_one_template(cast: Cast, world: World) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    found = cast("requester").get(f"Enrollment/Settings/{template.pk}").json()
    assert found["TemplateRegexes"][0]["Error"].startswith("Invalid CN provided")
    assert found["TemplatePolicy"]["AllowWildcards"] is False
    assert cast("requester").get("Enrollment/Settings/999999").status_code == 404


def test_strangers_see_no_templates(cast: Cast, world: World) -> None:
    for part in ("CSR/Context/My", "PFX/Context/My", "Settings/1"):
        assert cast("stranger").get(f"Enrollment/{part}").status_code == 403
