"""Approvals: whose roles are asked, and what is refused when the step is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests import builders
from tests import world as scenery
from tests.steps.approving import answer
from tests.steps.running import NAME
from tests.world import World
from workflows.engine import documents
from workflows.errors import InvalidDefinition
from workflows.models import (
    Certificate,
    CertificateRequest,
    Instance,
    Role,
)
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


class TestRoleTokens:
    """Roles that only a run names, by every kind of token."""

    def waiting_for(
        self,
        token: str,
        data: Mapping[str, Any],
        workflow_type: WorkflowType = WorkflowType.Expiration,
        **facts: Any,
    ) -> Instance:
        signal = {"SignalName": "ApprovalStatus", "RoleTokens": [token]}
        asked = builders.step("RequireApproval", NAME, Signals=[signal])
        return builders.run(builders.publish(builders.chain(asked), workflow_type), data, **facts)

    @pytest.mark.parametrize(
        ("token", "data"),
        [
            ("$(team)", {"team": "approvers"}),
            ("$(answer.owner.team)", {"answer": '{"owner": {"team": " Approvers "}}'}),
            ("$(kind)s", {"kind": "Approver"}),
        ],
    )
    def test_data_names_the_role(self, approvers: Role, token: str, data: dict[str, Any]) -> None:
        instance = self.waiting_for(token, data)
        assert instance.status == InstanceStatus.Suspended, instance.status_message
        assert answer(instance, "ada").status == InstanceStatus.Complete

    def test_an_id_names_the_role(self, approvers: Role) -> None:
        assert self.waiting_for("$(id)", {"id": approvers.pk}).status == InstanceStatus.Suspended

    def test_metadata_of_the_certificate_names_it(self, world: World) -> None:
        scenery.enroll(world)
        certificate = Certificate.objects.latest("pk")
        certificate.metadata = {"Team": "Approvers"}
        certificate.save()
        instance = self.waiting_for("$(metadata:Team)", {"CertificateId": certificate.pk})
        assert instance.status == InstanceStatus.Suspended, instance.status_message
        assert answer(instance, "approver").status == InstanceStatus.Complete

    @pytest.mark.parametrize(
        ("token", "name"),
        [
            ("$(CA)", "CertificateAuthority"),
            ("$(requester)", "InitiatingUserName"),
            ("$(dn)", "Subject"),
            ("CN=$(cn)", "Subject"),
        ],
    )
    def test_every_token_of_an_enrollment_names_one(self, world: World, token: str, name: str) -> None:
        data = scenery.enroll(world).instance.data
        builders.role(data[name], world.approver)
        instance = self.waiting_for(
            token, data, WorkflowType.Enrollment, request_id=CertificateRequest.objects.get().pk
        )
        assert instance.status == InstanceStatus.Suspended, instance.status_message
        assert instance.pending_signals.get().role.name == data[name]

    @pytest.mark.parametrize("data", [{"team": "Nobody"}, {"team": ""}, {"team": "²"}, {}])
    def test_what_names_no_role_fails_the_step(self, approvers: Role, data: dict[str, Any]) -> None:
        instance = self.waiting_for("$(team)", data)
        assert instance.status == InstanceStatus.Failed
        assert "which is no role" in instance.status_message or "has no value" in instance.status_message


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"DeadlineHours": 4, "ReminderHours": 4}, "ReminderHours below DeadlineHours"),
        ({"DeadlineHours": 4, "OnDeadline": "Escalate"}, "needs EscalationRole"),
        ({"EscalationRole": "Nobody"}, "'Nobody', which does not exist; name one"),
        ({"DeadlineHours": 9000}, "at most 8760"),
        ({"OnDeadline": "Wait"}, "one of Deny, Escalate"),
    ],
)
def test_what_cannot_work_is_refused_when_saved(
    approvers: Role, parameters: dict[str, Any], problem: str
) -> None:
    steps = builders.chain(builders.approval(NAME, roles=[approvers], **parameters))
    with pytest.raises(InvalidDefinition, match=problem):
        documents.prepare(WorkflowType.Expiration, steps)
