from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.steps.running import NAME, problems_of, run_step, runs_of
from tests.world import World
from workflows.actions import approvals, instances
from workflows.engine import stopping, wishes
from workflows.errors import WrongState
from workflows.models import (
    AuditEntry,
    AwaitedInstance,
    Certificate,
    CertificateTemplate,
    Instance,
    StopRequest,
)
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.enrollment import CertificateState, EnrollmentType
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(world: World) -> Certificate:
    """A certificate with two names, whose template allows renewal by a key of the server."""
    CertificateTemplate.objects.update(allowed_enrollment_types=EnrollmentType.PFX | EnrollmentType.CSR)
    csr = scenery.csr("www.keyexample.com", dns=["www.keyexample.com", "b.keyexample.com"])
    certificate = scenery.enroll(world, csr=csr, custom_name="front").certificate
    assert certificate is not None
    return certificate


def renew(old: Certificate, **parameters: Any) -> Instance:
    return run_step("ExpirationRenewal", parameters, {"CertificateId": old.pk})


def child_of(instance: Instance) -> Instance:
    return Instance.objects.exclude(pk=instance.pk).order_by("-id")[0]


def renewals(old: Certificate) -> list[int]:
    return list(Certificate.objects.filter(request__renews=old).values_list("pk", flat=True))


def stops_of(instance: Instance) -> list[str]:
    entries = AuditEntry.objects.filter(immutable_identifier=str(instance.guid), operation=Operation.Stopped)
    return list(entries.values_list("user_name", flat=True))


def restart(instance: Instance, world: World) -> Instance:
    return instances.restart(instance.guid, actor=world.actor("operator"))


def decide(world: World, instance: Instance, answer: str) -> None:
    key, data = "RequireApproval1.ApprovalStatus", {"Approved": answer}
    approvals.signal(instance.guid, key, data, actor=world.actor("approver"))
    builders.run_until_quiet()


def test_the_certificate_is_enrolled_for_anew(old: Certificate) -> None:
    instance = renew(old)
    assert instance.status == InstanceStatus.Complete, instance.status_message
    new = Certificate.objects.get(pk=instance.data[f"{NAME}_certificate"])
    assert new.pk != old.pk
    assert (new.issued_dn, new.template_id, new.custom_name) == (old.issued_dn, old.template_id, "front")
    child = child_of(instance)
    assert instance.data[f"{NAME}_instance"] == str(child.guid)
    assert child.data["SANs"] == {
        "DNS Name": {"Entry 1": "b.keyexample.com", "Entry 2": "www.keyexample.com"}
    }
    assert child.request is not None
    assert child.request.renews == old
    assert child.record.initiating_user_name == "Timer Service"
    assert not AwaitedInstance.objects.exists()


def test_it_waits_for_the_enrollment_s_approval(world: World, old: Certificate) -> None:
    scenery.needs_approvals(world)
    instance = renew(old)
    child = child_of(instance)
    assert (instance.status, instance.ready_at) == (InstanceStatus.Suspended, None)
    assert instance.status_message == f"Awaiting the enrollment {child.pk}."
    assert child.status == InstanceStatus.Suspended
    decide(world, child, "True")
    instance = builders.reload(instance)
    assert (instance.status, instance.status_message) == (InstanceStatus.Complete, "Complete")
    assert [run.status for run in runs_of(instance)] == [StepRunStatus.Done]
    assert Certificate.objects.filter(pk=instance.data[f"{NAME}_certificate"]).exists()


def test_while_it_waits_it_takes_no_signal(world: World, old: Certificate) -> None:
    scenery.needs_approvals(world)
    instance = renew(old)
    key, data = "RequireApproval1.ApprovalStatus", {"Approved": "True"}
    with pytest.raises(WrongState, match=rf"waits at step '{NAME}', which takes no signal\.$"):
        approvals.signal(instance.guid, key, data, actor=world.actor("operator"))


@pytest.mark.parametrize("way", ["denied", "stopped"])
def test_it_fails_when_the_enrollment_does(world: World, old: Certificate, way: str) -> None:
    scenery.needs_approvals(world)
    instance = renew(old)
    child = child_of(instance)
    if way == "denied":
        decide(world, child, "False")
    else:
        instances.stop(child.guid, actor=world.actor("operator"))
        builders.run_until_quiet()
    instance = builders.reload(instance)
    assert instance.status == InstanceStatus.Failed
    reason = builders.reload(child).status_message
    assert instance.status_message == (
        f"Step 'Tested' failed: the enrollment {child.pk} ended without a certificate: {reason}"
    )


def test_it_waits_on_for_what_the_enrollment_was_restarted_as(world: World, old: Certificate) -> None:
    scenery.needs_approvals(world)
    instance = renew(old)
    child = child_of(instance)
    for _ in range(2):
        child = restart(child, world)
        builders.run_until_quiet()
        instance = builders.reload(instance)
        assert (instance.status, instance.ready_at) == (InstanceStatus.Suspended, None)
        assert instance.status_message == f"Awaiting the enrollment {child.pk}."
        assert instance.data[f"{NAME}_instance"] == str(child.guid)
    decide(world, child, "True")
    instance = builders.reload(instance)
    assert (instance.status, instance.status_message) == (InstanceStatus.Complete, "Complete")
    assert renewals(old) == [instance.data[f"{NAME}_certificate"]]
    assert not AwaitedInstance.objects.exists()


class TestStop:
    """Who stops the workflow stops the enrollment, too, that it waits for."""

    def test_stops_the_enrollment(self, world: World, old: Certificate) -> None:
        scenery.needs_approvals(world)
        instance = renew(old)
        child = restart(child_of(instance), world)
        builders.run_until_quiet()
        instances.stop(instance.guid, actor=world.actor("operator"))
        for each in (instance, child):
            stopped = builders.reload(each)
            assert (stopped.status, stopped.was_stopped) == (InstanceStatus.Rejected, True)
            assert stopped.status_message == "Stopped by COUNTERSIGN\\operator."
            assert stops_of(each) == ["COUNTERSIGN\\operator"]
        builders.run_until_quiet()
        assert not AwaitedInstance.objects.exists()
        assert not StopRequest.objects.exists()
        assert renewals(old) == []

    def test_comes_too_late_for_one_that_has_ended(self, world: World, old: Certificate) -> None:
        instance = renew(old)
        child = child_of(instance)
        with pytest.raises(WrongState):
            instances.stop(instance.guid, actor=world.actor("operator"))
        assert builders.reload(child).status == InstanceStatus.Complete

    def test_reaches_the_enrollment_also_when_a_worker_holds_it(self, world: World, old: Certificate) -> None:
        """The wish lies in the database, for the worker or the next tick."""
        scenery.needs_approvals(world)
        instance = renew(old)
        child = child_of(instance)
        wishes.wish(instance.pk, actor=world.actor("operator"), now=timezone.now())
        assert stopping.sweep() == 1
        assert builders.reload(child).status == InstanceStatus.Suspended
        assert stopping.sweep() == 1
        assert builders.reload(child).status_message == "Stopped by COUNTERSIGN\\operator."


class TestRestart:
    """A workflow that begins anew begins no second enrollment beside one that lives or has issued."""

    def test_waits_for_the_enrollment_that_lives(self, world: World, old: Certificate) -> None:
        scenery.needs_approvals(world)
        instance = renew(old)
        child = child_of(instance)
        between = restart(instance, world)
        builders.run_until_quiet()
        new = restart(between, world)
        builders.run_until_quiet()
        new = builders.reload(new)
        assert (new.status, new.status_message) == (
            InstanceStatus.Suspended,
            f"Awaiting the enrollment {child.pk}.",
        )
        decide(world, child, "True")
        new = builders.reload(new)
        assert new.status == InstanceStatus.Complete
        assert renewals(old) == [new.data[f"{NAME}_certificate"]]
        assert new.data[f"{NAME}_instance"] == str(child.guid)

    def test_waits_for_one_that_was_restarted_by_itself(self, world: World, old: Certificate) -> None:
        scenery.needs_approvals(world)
        instance = renew(old)
        child = child_of(instance)
        instances.stop(child.guid, actor=world.actor("operator"))
        builders.run_until_quiet()
        assert builders.reload(instance).status == InstanceStatus.Failed
        child = restart(child, world)
        new = restart(instance, world)
        builders.run_until_quiet()
        assert builders.reload(new).status_message == f"Awaiting the enrollment {child.pk}."
        decide(world, child, "True")
        assert builders.reload(new).status == InstanceStatus.Complete
        assert len(renewals(old)) == 1

    def test_takes_the_certificate_that_was_issued(self, world: World, old: Certificate) -> None:
        """As when a later step failed."""
        instance = renew(old)
        issued = instance.data[f"{NAME}_certificate"]
        Instance.objects.filter(pk=instance.pk).update(status=InstanceStatus.Failed)
        new = restart(instance, world)
        builders.run_until_quiet()
        new = builders.reload(new)
        assert (new.status, new.data[f"{NAME}_certificate"]) == (InstanceStatus.Complete, issued)
        assert renewals(old) == [issued]

    def test_enrolls_anew_after_a_certificate_that_was_revoked(self, world: World, old: Certificate) -> None:
        instance = renew(old)
        Instance.objects.filter(pk=instance.pk).update(status=InstanceStatus.Failed)
        Certificate.objects.filter(request__renews=old).update(state=CertificateState.Revoked)
        restart(instance, world)
        builders.run_until_quiet()
        assert len(renewals(old)) == 2

    def test_enrolls_anew_where_nothing_was_issued(self, world: World, old: Certificate) -> None:
        scenery.needs_approvals(world)
        instance = renew(old)
        first = child_of(instance)
        decide(world, first, "False")
        new = restart(instance, world)
        builders.run_until_quiet()
        second = Instance.objects.get(guid=builders.reload(new).data[f"{NAME}_instance"])
        assert second.pk > first.pk
        decide(world, second, "True")
        assert builders.reload(new).status == InstanceStatus.Complete
        assert len(renewals(old)) == 1

    def test_leaves_an_enrollment_to_the_one_that_waits_for_it(self, world: World, old: Certificate) -> None:
        scenery.needs_approvals(world)
        instance = renew(old)
        decide(world, child_of(instance), "False")
        first = restart(instance, world)
        builders.run_until_quiet()
        child = Instance.objects.get(guid=builders.reload(first).data[f"{NAME}_instance"])
        with pytest.raises(WrongState, match=f"goes on as {first.pk} .*, which is Suspended"):
            restart(instance, world)
        decide(world, child, "True")
        assert builders.reload(first).status == InstanceStatus.Complete


def test_an_enrollment_that_the_template_refuses_fails_the_step(old: Certificate) -> None:
    CertificateTemplate.objects.update(allowed_enrollment_types=EnrollmentType.CSR)
    instance = renew(old)
    assert "does not allow enrollment by PFX" in instance.status_message
    assert not AwaitedInstance.objects.exists()


def test_without_a_certificate_it_fails() -> None:
    instance = run_step("ExpirationRenewal", {}, {"CertificateId": 999})
    assert (
        instance.status_message == "Step 'Tested' failed: this workflow is about no certificate that exists"
    )


def test_what_would_fail_is_refused_when_saved(world: World) -> None:
    assert "certificate stores" in problems_of("ExpirationRenewal", {"PushToCertStore": True})
    nowhere = problems_of("ExpirationRenewal", {"Template": "Nowhere"})
    assert "names the template 'Nowhere', which does not exist; GET /Templates" in nowhere
    for given in ({"CA": "nobody"}, {"CA": "nobody", "Template": "WebServer"}):
        assert "names the CA 'nobody'" in problems_of("ExpirationRenewal", given)
