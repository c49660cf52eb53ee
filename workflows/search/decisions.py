"""What lists of a person's own decisions can be searched and sorted by; an addition of ours."""

from __future__ import annotations

from workflows.search.accounts import Account
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean, Date, Enum, Guid, Integer
from workflows.vocabulary.statuses import InstanceStatus

FIELDS = Fields(
    [
        Field("Approved", "approved", Boolean()),
        Field("Comment", "comment", sortable=False),
        Field("DecidedOn", "decided_at", Date()),
        Field("DefinitionDisplayName", "instance__version__display_name"),
        Field("DefinitionId", "instance__version__definition__guid", Guid()),
        Field("Id", "instance__guid", Guid()),
        Field("InitiatingUserName", "instance__record__initiating_user_name", Account()),
        Field("ReferenceId", "instance", Integer()),
        Field("Status", "instance__status", Enum.of(InstanceStatus)),
        Field("StepUniqueName", "step_name"),
        Field("Title", "instance__record__title"),
        Field("WorkflowType", "instance__record__workflow_type"),
    ]
)
