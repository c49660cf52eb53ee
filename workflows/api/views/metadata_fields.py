"""Metadata fields (api-contract.md, 6, Metadata fields)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from workflows.actions import metadata_fields
from workflows.api.serializers import metadata_fields as shapes
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import MetadataField
from workflows.search import kinds
from workflows.search.fields import Field, Fields
from workflows.vocabulary.enrollment import MetadataDataType, MetadataEnrollment
from workflows.vocabulary.permissions import Permission

READ, MODIFY = Permission.METADATA_TYPES_READ, Permission.METADATA_TYPES_MODIFY
FIELDS = Fields(
    [
        Field("DisplayOrder", "display_order", kinds.Integer()),
        Field("Name", "name"),
        Field("Description", "description"),
        Field("DataType", "data_type", kinds.Enum.of(MetadataDataType)),
        Field("Enrollment", "enrollment", kinds.Enum.of(MetadataEnrollment)),
        Field("Id", "pk", kinds.Integer()),
    ]
)


class MetadataFields(View):
    @listing(shapes.MetadataFieldAnswer, fields=FIELDS, sort="DisplayOrder", permission=READ)
    def get(self) -> QuerySet[MetadataField]:
        """Metadata fields."""
        return metadata_fields.visible(self.actor)

    @operation(body=shapes.MetadataFieldCreate, answer=shapes.MetadataFieldAnswer, permission=MODIFY)
    def post(self, body: dict[str, Any]) -> MetadataField:
        """Create a metadata field."""
        return metadata_fields.create(actor=self.actor, **body)

    @operation(
        body=shapes.MetadataFieldUpdate,
        answer=shapes.MetadataFieldAnswer,
        permission=MODIFY,
        etag=metadata_fields.etag,
        if_match=True,
    )
    def put(self, body: dict[str, Any], expected: str | None) -> MetadataField:
        """Change a metadata field; what is left out stays."""
        return metadata_fields.update(body.pop("id"), actor=self.actor, expected=expected, **body)

    @operation(body=list[int], query=shapes.ForceQuery, permission=MODIFY)
    def delete(self, body: list[int], query: dict[str, Any]) -> None:
        """Delete several, all or none; `force` deletes the values that certificates hold, too."""
        metadata_fields.delete(body, actor=self.actor, force=query["force"])


class OneMetadataField(View):
    @operation(answer=shapes.MetadataFieldAnswer, permission=READ, etag=metadata_fields.etag)
    def get(self, field_id: int) -> MetadataField:
        """One metadata field."""
        return metadata_fields.find(field_id, actor=self.actor)

    @operation(query=shapes.ForceQuery, permission=MODIFY)
    def delete(self, field_id: int, query: dict[str, Any]) -> None:
        """Delete one; `force` deletes the values that certificates hold, too."""
        metadata_fields.delete([field_id], actor=self.actor, force=query["force"])


class MetadataFieldUse(View):
    @operation(answer=bool, permission=READ)
    def get(self, field_id: int) -> bool:
        """Whether a certificate holds a value of it."""
        return metadata_fields.is_in_use(metadata_fields.find(field_id, actor=self.actor))


class NamedMetadataField(View):
    @operation(answer=shapes.MetadataFieldAnswer, permission=READ, etag=metadata_fields.etag)
    def get(self, name: str) -> MetadataField:
        """One metadata field by its name, in any case."""
        return metadata_fields.find_named(name, actor=self.actor)


routes = [
    route("MetadataFields", MetadataFields),
    route("MetadataFields/<int:field_id>", OneMetadataField),
    route("MetadataFields/<int:field_id>/InUse", MetadataFieldUse),
    route("MetadataFields/<str:name>", NamedMetadataField),
]
