from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests import world as scenery
from tests.steps.running import NAME, problems_of, run_step, runs_of
from tests.world import World
from workflows.actions import approvals, instances
from workflows.models import AwaitedInstance, Certificate, CertificateTemplate, Instance
from workflows.vocabulary.enrollment import EnrollmentType
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


def test_one_that_was_stopped_stays_stopped(world: World, old: Certificate) -> None:
    scenery.needs_approvals(world)
    instance = renew(old)
    child = child_of(instance)
    instances.stop(instance.guid, actor=world.actor("operator"))
    decide(world, child, "True")
    instance = builders.reload(instance)
    assert (instance.status, instance.ready_at) == (InstanceStatus.Rejected, None)
    assert builders.reload(child).status == InstanceStatus.Complete


def test_an_enrollment_that_the_template_refuses_fails_the_step(old: Certificate) -> None:
    CertificateTemplate.objects.update(allowed_enrollment_types=EnrollmentType.CSR)
    instance = renew(old)
    assert "does not allow enrollment by PFX" in instance.status_message


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
