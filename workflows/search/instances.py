"""What lists of instances can be searched and sorted by (workflow-instances.md, 1.3; docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

from workflows.json_texts import MAX_DEPTH
from workflows.models import Definition, DefinitionVersion
from workflows.search.accounts import Account
from workflows.search.facts import fact
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Date, Enum, Guid, Integer
from workflows.search.related import GuidOf, TextOf
from workflows.search.titles import Title
from workflows.vocabulary.statuses import InstanceStatus


class InstanceFields(Fields):
    """An instance's own fields, and the facts it began with by their names, as `Data.Template`."""

    families: ClassVar = (f"Data.<name> (with dots: up to {MAX_DEPTH} names)",)
    certain: ClassVar = ("record",)
    spans: ClassVar = {"record__started_at": "record__pk"}

    def find(self, name: str) -> Field | None:
        return super().find(name) or fact(name, "record__initial_data")


FIELDS = InstanceFields(
    [
        Field("CurrentStepDisplayName", "step_display_name"),
        Field("CurrentStepUniqueName", "step_name"),
        Field(
            "DefinitionDisplayName",
            "version",
            TextOf(model=DefinitionVersion, column="display_name"),
            sorted_by="version__display_name",
        ),
        Field(
            "DefinitionId",
            "record__definition",
            GuidOf(Definition, "guid"),
            sorted_by="record__definition__guid",
        ),
        Field("Id", "guid", Guid()),
        Field("InitiatingUserName", "record__initiating_user_name", Account()),
        Field("LastModified", "modified_at", Date()),
        Field("ReferenceId", "pk", Integer()),
        Field("StartDate", "record__started_at", Date()),
        Field("Status", "status", Enum.of(InstanceStatus)),
        Field("StatusMessage", "status_message", searchable=False),
        Field("Title", "record__title", Title()),
        Field(
            "WorkflowType",
            "record__definition",
            TextOf(model=Definition, column="workflow_type"),
            sorted_by="record__workflow_type",
        ),
    ],
    narrowing="by a status, a definition, a start date or a fact of the data bucket; sort it by ReferenceId",
)
