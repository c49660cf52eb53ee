"""Metadata fields from creation to deletion."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.clients import ApiClient
from tests.world import World, enroll
from workflows.models import AuditEntry, Certificate, MetadataField
from workflows.vocabulary.auditing import Category, Operation

FIELD = {"Name": "Cost-Center", "Description": "Who pays", "DataType": "String"}


def test_a_field_from_beginning_to_end(admin: ApiClient, stranger: ApiClient) -> None:
    made = admin.post("MetadataFields", FIELD | {"Hint": None}).json()
    assert (made["DisplayOrder"], made["Hint"], made["AllowAPI"], made["ExplicitUpdate"]) == (
        0,
        "",
        True,
        False,
    )
    path = f"MetadataFields/{made['Id']}"
    changed = admin.put("MetadataFields", FIELD | {"Id": made["Id"], "Enrollment": 1}).json()
    assert changed == made | {"Enrollment": "Required"}
    assert admin.get(path).json() == changed
    assert admin.get("MetadataFields/COST-CENTER").json() == changed
    assert admin.get("MetadataFields?QueryString=Enrollment -eq Required").json() == [changed]
    assert admin.get(f"{path}/InUse").json() is False
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    operations = AuditEntry.objects.filter(category=Category.MetadataField).values_list(
        "operation", flat=True
    )
    assert list(operations.order_by("pk")) == [Operation.Created, Operation.Updated, Operation.Deleted]
    for call in (
        stranger.get("MetadataFields"),
        stranger.get(path),
        stranger.get("MetadataFields/x"),
        stranger.get(f"{path}/InUse"),
        stranger.post("MetadataFields", FIELD),
        stranger.put("MetadataFields", FIELD),
        stranger.delete("MetadataFields", [made["Id"]]),
        stranger.delete(path),
    ):
        assert call.status_code == 403


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Name": "with blank"}, 400),
        ({"Name": ""}, 400),
        ({"Name": "x" * 257}, 400),
        ({"Description": None}, 400),
        ({"DataType": "MultipleChoice"}, 400),
        ({"DataType": "Integer", "DefaultValue": "seven"}, 400),
        ({"Validation": "(("}, 400),
        ({"DisplayOrder": 2**31}, 400),
        ({"Name": "OWNER"}, 409),
    ],
)
def test_a_bad_field_is_refused(admin: ApiClient, fields: dict[str, Any], status: int) -> None:
    MetadataField.objects.create(name="Owner", description="")
    answer = admin.post("MetadataFields", FIELD | fields)
    assert answer.status_code == status, answer.content
    assert MetadataField.objects.count() == 1


def test_several_are_deleted_all_or_none(admin: ApiClient) -> None:
    ids = [admin.post("MetadataFields", FIELD | {"Name": name}).json()["Id"] for name in ("a", "b")]
    assert admin.delete("MetadataFields", [*ids, 999_999]).status_code == 404
    assert MetadataField.objects.count() == 2
    assert admin.delete("MetadataFields", ["x"]).status_code == 400
    assert admin.delete("MetadataFields", ids).status_code == 204
    assert not MetadataField.objects.exists()


def test_a_field_in_use_goes_only_by_force_and_keeps_its_name(admin: ApiClient, world: World) -> None:
    made = admin.post("MetadataFields", FIELD).json()
    other = admin.post("MetadataFields", FIELD | {"Name": "Owner"}).json()
    held = {"Cost-Center": "42", "Owner": "ada"}
    certificate = enroll(world, metadata=held).certificate
    assert certificate is not None
    assert certificate.metadata == held
    path = f"MetadataFields/{made['Id']}"
    assert admin.get(f"{path}/InUse").json() is True
    assert admin.put("MetadataFields", FIELD | {"Id": made["Id"], "Name": "Other"}).status_code == 409
    assert admin.put("MetadataFields", FIELD | {"Id": made["Id"], "DataType": 2}).status_code == 409
    assert admin.delete(path).status_code == 409
    assert admin.delete(f"{path}?force=true").status_code == 204
    assert Certificate.objects.get(pk=certificate.pk).metadata == {"Owner": "ada"}
    assert admin.get(f"MetadataFields/{other['Id']}/InUse").json() is True
