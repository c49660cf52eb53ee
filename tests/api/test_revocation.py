"""/Certificates/Revoke: by hand, held, dated ahead, refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests.api.certificates import revoke
from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import Certificate, CertificateTemplate, Instance
from workflows.vocabulary.statuses import InstanceStatus

Cast = Callable[..., ApiClient]


@pytest.mark.parametrize("reason", [1, "1", "KeyCompromise"])
def test_revocation_is_carried_out(cast: Cast, revoking: Certificate, reason: Any) -> None:
    answer = revoke(cast("operator"), revoking, Reason=reason)
    assert answer.json() == {"RevokedIds": [revoking.pk], "SuspendedCerts": []}
    found = cast("operator").get(f"Certificates/{revoking.pk}").json()
    assert (found["CertState"], found["RevocationReason"], found["RevocationComment"]) == (
        "Revoked",
        "KeyCompromise",
        "Lost",
    )
    assert found["RevocationEffDate"].endswith("Z")
    again = revoke(cast("operator"), revoking)
    assert (again.status_code, again.json()["ErrorCode"]) == (409, "0xC0050001")


def test_a_hold_is_lifted_by_the_old_number_too(cast: Cast, revoking: Certificate) -> None:
    assert revoke(cast("operator"), revoking, Reason=6).status_code == 200
    assert revoke(cast("operator"), revoking, Reason=7).json()["RevokedIds"] == [revoking.pk]
    assert cast("operator").get(f"Certificates/{revoking.pk}").json()["CertState"] == "Active"


def test_a_held_revocation_is_suspended(cast: Cast, world: World, revoking: Certificate) -> None:
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    steps = builders.chain(builders.approval(roles=[world.approvers]))
    builders.publish(steps, builders.WorkflowType.Revocation, keys=[key])
    answer = revoke(cast("operator"), revoking).json()
    instance = Instance.objects.get(status=InstanceStatus.Suspended)
    message = "Awaiting 1 more approval(s) from approval roles."
    (suspended,) = answer["SuspendedCerts"]
    asked = suspended.pop("Awaited")
    assert (asked["Step"], asked["Roles"]) == ("RequireApproval1", ["Approvers"])
    reference = {"WorkflowId": str(instance.guid), "WorkflowReferenceId": instance.pk}
    assert suspended == {"CertId": revoking.pk, **reference, "Message": message}
    assert answer["RevokedIds"] == []
    assert cast("operator").get(f"Certificates/{revoking.pk}").json()["CertState"] == "Active"


@pytest.mark.timeout(25)  # the caller waits half a minute for what comes soon
def test_a_revocation_at_a_later_date_is_told_at_once(cast: Cast, revoking: Certificate) -> None:
    later = (timezone.now() + timedelta(days=30)).isoformat()
    (waiting,) = revoke(cast("operator"), revoking, EffectiveDate=later).json()["SuspendedCerts"]
    assert "Revocation is due at" in waiting["Message"]
    assert waiting["Awaited"]["Deadline"][:10] == later[:10]


def test_a_failed_revocation_is_an_error_that_names_all(
    cast: Cast, world: World, revoking: Certificate
) -> None:
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    broken = builders.step("NOOPStep", "Before", Conditions=[{"Value": "$(nowhere)"}])
    builders.publish(builders.chain(broken), builders.WorkflowType.Revocation, keys=[key])
    answer = revoke(cast("operator"), revoking)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "0xC001000D")
    (operation,) = answer.json()["FailedOperations"]
    assert operation["CertId"] == revoking.pk
    assert operation["Reason"] == answer.json()["Message"]
    assert (answer.json()["RevokedIds"], answer.json()["SuspendedCerts"]) == ([], [])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"CertificateIds": []}, 400),
        ({"CertificateIds": None}, 400),
        ({"CertificateIds": ["x"]}, 400),
        ({"CertificateIds": [999_999]}, 404),
        ({"Comment": ""}, 400),
        ({"Comment": None}, 400),
        ({"Reason": 42}, 400),
        ({"Reason": "Boredom"}, 400),
        ({"Reason": -1}, 409),
        ({"EffectiveDate": "tomorrow"}, 400),
        ({"CollectionId": 7}, 404),
    ],
)
def test_bad_revocations_start_nothing(
    cast: Cast, certificate: Certificate, change: dict[str, Any], status: int
) -> None:
    before = Instance.objects.count()
    answer = revoke(cast("operator"), certificate, **change)
    assert answer.status_code == status, answer.content
    assert answer.json()["Message"]
    assert Instance.objects.count() == before


def test_who_may_not_revoke_changes_nothing(cast: Cast, certificate: Certificate) -> None:
    for name in ("requester", "approver", "stranger"):
        assert revoke(cast(name), certificate).status_code == 403
    assert Instance.objects.count() == 1
