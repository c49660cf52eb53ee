"""What lists of instances can be searched and sorted by (workflow-instances.md, 1.3)."""

from __future__ import annotations

from workflows.search.fields import Field, Fields
from workflows.search.kinds import Date, Enum, Guid, Integer
from workflows.vocabulary.statuses import InstanceStatus

FIELDS = Fields(
    [
        Field("CurrentStepDisplayName", "step_display_name"),
        Field("CurrentStepUniqueName", "step_name"),
        Field("DefinitionDisplayName", "version__display_name"),
        Field("DefinitionId", "version__definition__guid", Guid()),
        Field("Id", "guid", Guid()),
        Field("InitiatingUserName", "record__initiating_user_name"),
        Field("LastModified", "modified_at", Date()),
        Field("ReferenceId", "pk", Integer()),
        Field("StartDate", "started_at", Date()),
        Field("Status", "status", Enum.of(InstanceStatus)),
        Field("StatusMessage", "status_message", searchable=False),
        Field("Title", "record__title"),
        Field("WorkflowType", "record__workflow_type"),
    ]
)
