"""What lists of a person's own decisions can be searched and sorted by; an addition of ours."""

from __future__ import annotations

from typing import ClassVar

from workflows.search.accounts import Account
from workflows.search.facts import fact
from workflows.search.fields import Field, Fields
from workflows.search.instances import InstanceFields
from workflows.search.kinds import Boolean, Date, Enum, Guid, Integer
from workflows.vocabulary.statuses import InstanceStatus


class DecisionFields(Fields):
    """A decision's own fields, and the facts that its instance began with."""

    families: ClassVar = InstanceFields.families

    def find(self, name: str) -> Field | None:
        return super().find(name) or fact(name, "instance__record__initial_data")


FIELDS = DecisionFields(
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
