"""/Certificates: search, one, history, files, revocation, metadata."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from django.utils import timezone
from pytest_django import Settings

from tests import builders
from tests import world as scenery
from tests.api.clients import ApiClient
from tests.api.workers import working
from tests.world import World
from workflows.models import Certificate, CertificateTemplate, Instance, MetadataField, PrivateKey
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.statuses import InstanceStatus

Cast = Callable[..., ApiClient]
FIELDS = {
    "Id", "Thumbprint", "SerialNumber", "IssuedDN", "IssuedCN", "ImportDate", "NotBefore", "NotAfter",
    "IssuerDN", "PrincipalId", "TemplateId", "CertState", "KeySizeInBits", "KeyType", "RequesterId",
    "IssuedOU", "IssuedEmail", "KeyUsage", "SigningAlgorithm", "CertStateString", "KeyTypeString",
    "RevocationEffDate", "RevocationReason", "RevocationComment", "CertificateAuthorityId",
    "CertificateAuthorityName", "TemplateName", "ArchivedKey", "HasPrivateKey", "PrincipalName",
    "CertRequestId", "RequesterName", "ContentBytes", "ExtendedKeyUsages", "SubjectAltNameElements",
    "CRLDistributionPoints", "LocationsCount", "SSLLocations", "Locations", "Metadata",
    "CertificateKeyId", "CARowIndex", "CARecordId", "DetailedKeyUsage", "KeyRecoverable", "Curve",
}  # fmt: skip


@pytest.fixture
def certificate(world: World) -> Certificate:
    return issued(world)


@pytest.fixture
def with_key(world: World) -> Certificate:
    """By PFX, its key not yet fetched."""
    wish = {
        "csr": "",
        "subject": "CN=appsrvr14.keyexample.com",
        "sans": {"dns": ["appsrvr14.keyexample.com"]},
    }
    scenery.enroll(world, template="WebServerPfx", **wish)
    return Certificate.objects.get(template__common_name="WebServerPfx")


@pytest.fixture
def revoking(transactional_db: None, world: World, settings: Settings) -> Iterator[Certificate]:
    certificate = issued(world)
    settings.ENROLL_WAIT_SECONDS = 30
    with working():
        yield certificate


def issued(world: World, **wish: Any) -> Certificate:
    found = scenery.enroll(world, **wish).certificate
    assert found is not None
    return found


def revoke(client: ApiClient, *certificates: Certificate, **fields: Any) -> Any:
    ids = [each.pk for each in certificates]
    return client.post(
        "Certificates/Revoke", {"CertificateIds": ids, "Comment": "Lost", "Reason": 1, **fields}
    )


def test_one_certificate_has_every_documented_field(cast: Cast, certificate: Certificate) -> None:
    found = cast("operator").get(f"Certificates/{certificate.pk}").json()
    assert set(found) == FIELDS
    assert found["SerialNumber"] == certificate.serial_number
    assert (found["IssuedCN"], found["IssuedDN"]) == (
        "appsrvr12.keyexample.com",
        "CN=appsrvr12.keyexample.com",
    )
    assert (found["CertState"], found["CertStateString"]) == ("Active", "Active")
    assert (found["KeyType"], found["KeyTypeString"], found["KeySizeInBits"]) == ("ECC", "ECC", 256)
    assert found["Curve"] == "1.2.840.10045.3.1.7"
    assert found["SigningAlgorithm"] == "SHA-256withECDSA"
    assert found["KeyUsage"] == 128
    assert found["DetailedKeyUsage"]["DigitalSignature"] is True
    assert found["DetailedKeyUsage"]["HexCode"] == "80"
    assert found["ExtendedKeyUsages"] == [
        {"Id": 1, "Oid": "1.3.6.1.5.5.7.3.1", "DisplayName": "Server Authentication"}
    ]
    san = {"Id": 1, "Value": "appsrvr12.keyexample.com", "Type": 2, "ValueHash": None}
    assert found["SubjectAltNameElements"] == [san]
    assert found["CRLDistributionPoints"][0]["Url"].endswith("/pki/issuing-ca-1.crl")
    assert found["CertificateAuthorityName"].endswith(r"\Countersign Issuing CA 1")
    assert (found["TemplateName"], found["CertRequestId"]) == ("WebServer", certificate.request_id)
    assert (found["RequesterName"], found["HasPrivateKey"]) == (r"COUNTERSIGN\requester", False)
    assert base64.b64decode(found["ContentBytes"]) == bytes(certificate.der)


def test_enums_are_integers_for_existing_clients(cast: Cast, certificate: Certificate) -> None:
    found = cast("operator", "/KeyfactorAPI/").get(f"Certificates/{certificate.pk}").json()
    assert (found["CertState"], found["KeyType"]) == (1, 3)


def test_metadata_is_shown_to_who_asks_for_it(cast: Cast, world: World) -> None:
    MetadataField.objects.create(name="Department")
    certificate = issued(world, metadata={"Department": "Web"})
    path = f"Certificates/{certificate.pk}"
    assert cast("operator").get(path).json()["Metadata"] == {}
    assert cast("operator").get(f"{path}?includeMetadata=true").json()["Metadata"] == {"Department": "Web"}
    (row,) = cast("operator").get("Certificates?includemetadata=true&verbose=2&collectionId=0").json()
    assert row["Metadata"] == {"Department": "Web"}


def test_revoked_and_expired_ones_are_left_out(cast: Cast, world: World) -> None:
    active, revoked, expired = (issued(world) for _ in range(3))
    Certificate.objects.filter(pk=revoked.pk).update(state=CertificateState.Revoked)
    Certificate.objects.filter(pk=expired.pk).update(not_after=timezone.now() - timedelta(days=1))
    for query, expected in (
        ("", [active]),
        ("?pq.includeRevoked=true", [active, revoked]),
        ("?IncludeExpired=True", [active, expired]),
        ("?includeRevoked=true&includeExpired=true", [active, revoked, expired]),
    ):
        rows = cast("operator").get(f"Certificates{query}").json()
        assert [row["Id"] for row in rows] == [each.pk for each in expected], query


@pytest.mark.parametrize(
    "query",
    [
        'Thumbprint -eq "{0.thumbprint}"',
        "SerialNumber -eq {0.serial_number}",
        'IssuedCN -eq "first.keyexample.com"',
        "CN -startswith FIRST",
        'IssuedDN -contains "=first."',
        'IssuerDN -contains "Issuing CA" AND Id -eq {0.pk}',
        "CertRequestId -eq {0.request_id}",
        "(Id -eq {0.pk}) AND CertState -eq Active",
        "CertState -eq 1 AND CN -notcontains second",
        "NotAfter -ge %25TODAY%25 AND NotBefore -le %25TODAY%25 AND CN -eq first.keyexample.com",
        "ImportDate -eq %25TODAY%25 AND CN -ne second.keyexample.com",
        "TemplateName -eq webserver AND RequesterName -eq COUNTERSIGN\\requester AND CN -contains first",
        "RevocationReason -eq NULL AND RevocationEffDate -eq NULL AND CN -contains first",
        "Department -eq web",
        'department -contains "W" AND Department -ne NULL',
    ],
)
def test_the_list_is_searched(cast: Cast, world: World, query: str) -> None:
    MetadataField.objects.create(name="Department")
    first = issued(world, csr=scenery.csr("first.keyexample.com"), metadata={"Department": "Web"})
    issued(world, csr=scenery.csr("second.keyexample.com"))
    rows = cast("operator").get(f"Certificates?QueryString={query.format(first)}")
    assert [row["Id"] for row in rows.json()] == [first.pk], rows.content
    assert rows["x-total-count"] == "1"


def test_the_list_is_sorted_and_paged(cast: Cast, world: World) -> None:
    for name in ("b", "C", "a"):
        issued(world, csr=scenery.csr(f"{name}.keyexample.com"))
    rows = cast("operator").get("Certificates?SortField=CN&SortAscending=1&ReturnLimit=2").json()
    assert [row["IssuedCN"][0].lower() for row in rows] == ["c", "b"]
    assert cast("operator").get("Certificates?SortField=Nonsense").status_code == 400


def test_a_list_costs_the_same_whatever_its_length(
    cast: Cast, world: World, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        issued(world)
    cast("operator").get("Status/HealthCheck")
    with django_assert_max_num_queries(6):
        assert len(cast("operator").get("Certificates?includeMetadata=true").json()) == 8


def test_a_requester_sees_his_own(cast: Cast, world: World) -> None:
    world.operator.roles.clear()
    builders.role("Others", world.operator, permissions=["/certificates/enrollment/csr/"])
    own, other = issued(world), issued(world, by="operator")
    assert [row["Id"] for row in cast("requester").get("Certificates").json()] == [own.pk]
    assert cast("requester").get(f"Certificates/{other.pk}").status_code == 404
    assert cast("stranger").get("Certificates").status_code == 403
    assert cast("stranger").get(f"Certificates/{own.pk}").status_code == 403


@pytest.mark.parametrize("address", ["999999", "abc", "1?collectionId=7"])
def test_what_is_not_there_is_not_found(cast: Cast, certificate: Certificate, address: str) -> None:
    assert cast("operator").get(f"Certificates/{address}").status_code == 404


def test_history_tells_what_was_done(cast: Cast, revoking: Certificate) -> None:
    revoke(cast("operator"), revoking)
    lines = cast("operator").get(f"Certificates/{revoking.pk}/History").json()
    assert [(line["Action"], line["Username"], line["Comment"]) for line in lines] == [
        ("Issued", r"COUNTERSIGN\requester", ""),
        ("Revoked", r"COUNTERSIGN\operator", "Lost"),
    ]
    assert set(lines[0]) == {"Id", "OperationStart", "OperationEnd", "Username", "Comment", "Action"}


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


@pytest.mark.parametrize("reason", [1, "1", "KeyCompromise"])
def test_revocation_is_carried_out(cast: Cast, revoking: Certificate, reason: Any) -> None:
    answer = revoke(cast("operator"), revoking, Reason=reason)
    assert answer.json() == {"RevokedIds": [revoking.pk], "SuspendedCerts": []}
    found = cast("operator").get(f"Certificates/{revoking.pk}").json()
    assert (found["CertState"], found["RevocationReason"], found["RevocationComment"]) == (
        "Revoked",
        "KeyCompromise",
        "Lost",
    )
    assert found["RevocationEffDate"].endswith("Z")
    again = revoke(cast("operator"), revoking)
    assert (again.status_code, again.json()["ErrorCode"]) == (409, "0xC0050001")


def test_a_hold_is_lifted_by_the_old_number_too(cast: Cast, revoking: Certificate) -> None:
    assert revoke(cast("operator"), revoking, Reason=6).status_code == 200
    assert revoke(cast("operator"), revoking, Reason=7).json()["RevokedIds"] == [revoking.pk]
    assert cast("operator").get(f"Certificates/{revoking.pk}").json()["CertState"] == "Active"


def test_a_held_revocation_is_suspended(cast: Cast, world: World, revoking: Certificate) -> None:
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    steps = builders.chain(builders.approval(roles=[world.approvers]))
    builders.publish(steps, builders.WorkflowType.Revocation, keys=[key])
    answer = revoke(cast("operator"), revoking).json()
    instance = Instance.objects.get(status=InstanceStatus.Suspended)
    message = "Awaiting 1 more approval(s) from approval roles."
    suspended = {"CertId": revoking.pk, "WorkflowId": str(instance.guid), "Message": message}
    assert answer == {"RevokedIds": [], "SuspendedCerts": [suspended]}
    assert cast("operator").get(f"Certificates/{revoking.pk}").json()["CertState"] == "Active"


@pytest.mark.timeout(25)  # the caller waits half a minute for what comes soon
def test_a_revocation_at_a_later_date_is_told_at_once(cast: Cast, revoking: Certificate) -> None:
    later = (timezone.now() + timedelta(days=30)).isoformat()
    (waiting,) = revoke(cast("operator"), revoking, EffectiveDate=later).json()["SuspendedCerts"]
    assert "Revocation is due at" in waiting["Message"]


def test_a_failed_revocation_is_an_error_that_names_all(
    cast: Cast, world: World, revoking: Certificate
) -> None:
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    broken = builders.step("NOOPStep", "Before", Conditions=[{"Value": "$(nowhere)"}])
    builders.publish(builders.chain(broken), builders.WorkflowType.Revocation, keys=[key])
    answer = revoke(cast("operator"), revoking)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "0xC001000D")
    (operation,) = answer.json()["FailedOperations"]
    assert operation["CertId"] == revoking.pk
    assert operation["Reason"] == answer.json()["Message"]
    assert (answer.json()["RevokedIds"], answer.json()["SuspendedCerts"]) == ([], [])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"CertificateIds": []}, 400),
        ({"CertificateIds": None}, 400),
        ({"CertificateIds": ["x"]}, 400),
        ({"CertificateIds": [999_999]}, 404),
        ({"Comment": ""}, 400),
        ({"Comment": None}, 400),
        ({"Reason": 42}, 400),
        ({"Reason": "Boredom"}, 400),
        ({"Reason": -1}, 409),
        ({"EffectiveDate": "tomorrow"}, 400),
        ({"CollectionId": 7}, 404),
    ],
)
def test_bad_revocations_start_nothing(
    cast: Cast, certificate: Certificate, change: dict[str, Any], status: int
) -> None:
    before = Instance.objects.count()
    answer = revoke(cast("operator"), certificate, **change)
    assert answer.status_code == status, answer.content
    assert answer.json()["Message"]
    assert Instance.objects.count() == before


def test_who_may_not_revoke_changes_nothing(cast: Cast, certificate: Certificate) -> None:
    for name in ("requester", "approver", "stranger"):
        assert revoke(cast(name), certificate).status_code == 403
    assert Instance.objects.count() == 1


def test_metadata_is_set_and_removed(cast: Cast, world: World) -> None:
    for name in ("Department", "Owner"):
        MetadataField.objects.create(name=name)
    certificate = issued(world, metadata={"Department": "Web", "Owner": "Alice"})
    body = {"CertificateId": certificate.pk, "Metadata": {"department": "Mail", "Owner": ""}}
    assert cast("operator").put("Certificates/Metadata", body).status_code == 204
    certificate.refresh_from_db()
    assert certificate.metadata == {"Department": "Mail"}
    old_name = {"Id": certificate.pk, "Metadata": {"Owner": "Bob"}}
    assert cast("operator").put("Certificates/Metadata", old_name).status_code == 204
    assert Certificate.objects.get().metadata == {"Department": "Mail", "Owner": "Bob"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Metadata": {"Nowhere": "x"}}, 400),
        ({"Metadata": {"Department": ["x"]}}, 400),
        ({"Metadata": None}, 400),
        ({"CertificateId": None}, 400),
        ({"Id": 999_998}, 400),
        ({"CertificateId": 999_999}, 404),
    ],
)
def test_bad_metadata_changes_nothing(
    cast: Cast, certificate: Certificate, change: dict[str, Any], status: int
) -> None:
    MetadataField.objects.create(name="Department")
    body = {"CertificateId": certificate.pk, "Metadata": {"Department": "Web"}, **change}
    assert cast("operator").put("Certificates/Metadata", body).status_code == status
    assert cast("requester").put("Certificates/Metadata", body).status_code == 403
    assert Certificate.objects.get().metadata == {}
