"""The audit log over HTTP: list, one entry, validation."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.api.clients import ApiClient
from workflows.models import AuditEntry


@pytest.fixture
def _history(admin: ApiClient) -> None:
    made = admin.post("Security/Roles", {"Name": "Readers", "Description": ""}).json()
    admin.put("Security/Roles", {"Id": made["Id"], "Name": "Auditors", "Description": ""})
    admin.post("MetadataFields", {"Name": "Owner", "Description": "x", "DataType": 1})


@pytest.mark.usefixtures("_history")
class TestAudit:
    def test_entries_as_clients_read_them(self, admin: ApiClient) -> None:
        shown = admin.at("/KeyfactorAPI/").get("Audit").json()[0]
        assert (shown["Category"], shown["Operation"], shown["Level"]) == (2011, 1, 0)
        assert shown["Message"] == f"The user 'COUNTERSIGN\\{admin.username}' Created SecurityRole, 'Readers'"
        assert len(shown["Signature"]) == 64
        assert admin.get("Audit").json()[0]["Category"] == "SecurityRole"

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Readers", "Auditors", "Owner"]),
            ("Category=SecurityRole", ["Readers", "Auditors"]),
            ("category=2011&operation=updated", ["Auditors"]),
            ("Level=Warning", []),
            ("User=CALLER", ["Readers", "Auditors", "Owner"]),
            ("From=2100-01-01T00:00:00Z", []),
            ("To=2100-01-01T00:00:00Z&ReturnLimit=1", ["Readers"]),
            ("QueryString=Category -contains Role", ["Readers", "Auditors"]),
            ("QueryString=User -eq %25ME%25 AND Operation -eq 2", ["Auditors"]),
            (
                "QueryString=Timestamp -ge %25TODAY%25&SortField=Timestamp&SortAscending=1",
                ["Owner", "Auditors", "Readers"],
            ),
        ],
    )
    def test_narrowed(self, admin: ApiClient, query: str, names: list[str]) -> None:
        assert [entry["AuditIdentifier"] for entry in admin.get(f"Audit?{query}").json()] == names

    @pytest.mark.parametrize("query", ["Category=Nothing", "Operation=x", "From=yesterday", "SortField=User"])
    def test_a_bad_filter_is_400(self, admin: ApiClient, query: str) -> None:
        answer = admin.get(f"Audit?{query}")
        assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "0xC0010003")

    def test_entries_of_one_object(self, admin: ApiClient) -> None:
        identifier = AuditEntry.objects.get(audit_identifier="Auditors").immutable_identifier
        listed = admin.get(
            f"Audit/RelatedEntities?QueryString=ImmutableIdentifier -eq {identifier} AND Category -eq 2011"
        ).json()
        assert [entry["AuditIdentifier"] for entry in listed] == ["Readers", "Auditors"]

    def test_one_entry_with_the_difference(self, admin: ApiClient) -> None:
        entry = AuditEntry.objects.get(audit_identifier="Auditors")
        shown = admin.get(f"Audit/{entry.pk}").json()
        assert (shown["Before"]["name"], shown["After"]["name"]) == ("Readers", "Auditors")
        assert shown["RequestId"] == entry.request_id != ""

    def test_an_edited_entry_does_not_validate(self, admin: ApiClient) -> None:
        entry = AuditEntry.objects.get(audit_identifier="Auditors")
        path = f"Audit/{entry.pk}/Validate"
        assert admin.get(path).json() is True
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE workflows_auditentry DISABLE TRIGGER USER")
            cursor.execute(
                "UPDATE workflows_auditentry SET user_name = 'somebody else' WHERE id = %s", [entry.pk]
            )
        assert admin.get(path).json() is False

    def test_nobody_writes_or_deletes(self, admin: ApiClient) -> None:
        entry = AuditEntry.objects.earliest("pk")
        for answer in (
            admin.post("Audit", {}),
            admin.delete(f"Audit/{entry.pk}"),
            admin.put(f"Audit/{entry.pk}", {}),
        ):
            assert answer.status_code == 405
        assert admin.get("Audit/999999").status_code == 404

    def test_a_stranger_sees_nothing(self, stranger: ApiClient) -> None:
        entry = AuditEntry.objects.earliest("pk")
        for path in ("Audit", "Audit/RelatedEntities", f"Audit/{entry.pk}", f"Audit/{entry.pk}/Validate"):
            assert stranger.get(path).status_code == 403
