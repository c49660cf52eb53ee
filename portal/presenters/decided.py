"""What a person has decided, and what became of it (components/decided_table.html)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.presenters.steps import workflow_type_label
from workflows.models import SignalDecision
from workflows.vocabulary.statuses import InstanceStatus


@dataclass(frozen=True)
class Decided:
    """One answer; `status` and `status_message` are the instance's of now."""

    id: int
    guid: UUID
    reference_id: int
    title: str
    requester: str
    type_label: str
    definition: str
    version: int
    step: str
    approved: bool
    comment: str
    decided: datetime
    status: InstanceStatus
    status_message: str


def decided_row(decision: SignalDecision) -> Decided:
    instance = decision.instance
    record = instance.record
    return Decided(
        id=decision.pk,
        guid=instance.guid,
        reference_id=instance.pk,
        title=record.title,
        requester=record.initiating_user_name,
        type_label=workflow_type_label(record.workflow_type),
        definition=instance.version.display_name,
        version=instance.version.number,
        step=decision.step_name,
        approved=decision.approved,
        comment=decision.comment,
        decided=decision.decided_at,
        status=InstanceStatus(instance.status),
        status_message=instance.status_message,
    )
