"""/Certificates: search, one, history, files, revocation, metadata."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.api.certificates import issued, revoke
from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import Certificate, MetadataField
from workflows.vocabulary.enrollment import CertificateState

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
