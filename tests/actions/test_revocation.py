"""Revocation: at once, later, from hold, and what the CRL says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.actions import instances, revocation, signing
from workflows.actions.revocation import Revoked
from workflows.errors import InvalidInput, NotFound, PermissionMissing, WrongState
from workflows.models import AuditEntry, Certificate, CertificateAuthority, Instance, StepRun
from workflows.pki.crl import parse_crl
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus
from workflows.vocabulary.workflow_types import WorkflowType

REASON = RevocationReason.Superseded


@pytest.fixture
def certificate(world: World) -> Certificate:
    issued = scenery.enroll(world).certificate
    assert issued is not None
    return issued


def revoke(world: World, certificate: Certificate, by: str = "operator", **order: object) -> Revoked:
    given = {"reason": REASON, "comment": "Replaced", **order}
    [revoked] = revocation.revoke([certificate.pk], actor=world.actor(by), **given)  # type: ignore[arg-type]
    builders.run_until_quiet()
    certificate.refresh_from_db()
    return Revoked(certificate.pk, builders.reload(revoked.instance))


def listed(certificate: Certificate) -> bool:
    """Whether the CA's newest CRL names the certificate."""
    signing.publish_due_crls(timezone.now() + timedelta(seconds=1))
    crl = certificate.authority.crls.order_by("-number").first()
    assert crl is not None
    return parse_crl(bytes(crl.der)).find(int(certificate.serial_number, 16)) is not None


def test_a_revoked_certificate_is_on_the_crl(world: World, certificate: Certificate) -> None:
    revoked = revoke(world, certificate)
    assert revoked.is_done
    assert revoked.instance.status_message == "Revoked"
    assert revoked.instance.record.title == (
        r"COUNTERSIGN\operator is revoking certificate with CN=appsrvr12.keyexample.com."
    )
    assert certificate.state == CertificateState.Revoked
    assert (certificate.revocation_reason, certificate.revocation_comment) == (REASON, "Replaced")
    assert listed(certificate)
    entry = AuditEntry.objects.get(operation=Operation.Revoked)
    assert (entry.before["State"], entry.after["State"]) == (1, 2)


def test_its_data_have_the_documented_keys(world: World, certificate: Certificate) -> None:
    """Those of workflow-instances.md, 1.4, and two of ours that titles and tokens need."""
    instance = revoke(world, certificate).instance
    ours = {"CommonName", "Subject"}
    assert set(instance.record.initial_data) - ours == {
        "CertificateAuthority",
        "CertificateId",
        "Comment",
        "Delegate",
        "EffectiveDate",
        "InitiatingUserName",
        "OperationStart",
        "RevokeCode",
        "SerialNumber",
        "Thumbprint",
    }
    assert instance.record.initial_data["CertificateId"] == certificate.pk


def test_the_step_takes_comment_reason_and_date_from_the_current_data(
    world: World, certificate: Certificate
) -> None:
    script = builders.step(
        "SetVariable",
        "Rewrite",
        ConfigurationParameters={
            "ScriptParameters": {"said": "$(cmnt)"},
            "ScriptContent": '{"Comment": said + " (ticket 7)", "RevokeCode": 1}',
        },
    )
    key = str(certificate.template_id)
    builders.publish(builders.chain(script), WorkflowType.Revocation, keys=[key])
    revoke(world, certificate)
    assert certificate.revocation_comment == "Replaced (ticket 7)"
    assert certificate.revocation_reason == RevocationReason.KeyCompromise


def test_a_step_cannot_say_that_somebody_else_revoked_it(world: World, certificate: Certificate) -> None:
    content = {"ScriptContent": '{"InitiatingUserName": "COUNTERSIGN\\\\stranger"}'}
    script = builders.step("SetVariable", "Rewrite", ConfigurationParameters=content)
    builders.publish(builders.chain(script), WorkflowType.Revocation, keys=[str(certificate.template_id)])
    assert revoke(world, certificate).is_done
    assert AuditEntry.objects.get(operation=Operation.Revoked).user_name == r"COUNTERSIGN\operator"
    assert certificate.operations.get(action="Revoked").user_name == r"COUNTERSIGN\operator"


def test_a_date_ahead_waits_as_running(world: World, certificate: Certificate) -> None:
    due = timezone.now() + timedelta(days=7)
    revoked = revoke(world, certificate, effective_at=due)
    assert revoked.instance.status == InstanceStatus.Running
    assert revoked.instance.status_message.startswith("Revocation is due at ")
    assert certificate.state == CertificateState.Active
    Instance.objects.filter(pk=revoked.instance.pk).update(ready_at=timezone.now())
    data = {**revoked.instance.data, "EffectiveDate": (timezone.now() - timedelta(seconds=1)).isoformat()}
    Instance.objects.filter(pk=revoked.instance.pk).update(data=data)
    builders.run_until_quiet()
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.Revoked
    run = StepRun.objects.get(instance=revoked.instance, extension="RevokeStep")
    assert (run.status, run.attempt) == (StepRunStatus.Done, 1)


def test_a_date_ahead_can_be_stopped(world: World, certificate: Certificate) -> None:
    instance = revoke(world, certificate, effective_at=timezone.now() + timedelta(days=7)).instance
    run = StepRun.objects.get(instance=instance, extension="RevokeStep")
    assert (run.status, run.finished_at) == (StepRunStatus.Waiting, None)
    instances.stop(instance.guid, actor=world.actor("operator"))
    run.refresh_from_db()
    assert run.status == StepRunStatus.Stopped
    assert certificate.state == CertificateState.Active


def test_a_hold_can_be_lifted_and_nothing_else_can(world: World, certificate: Certificate) -> None:
    revoke(world, certificate, reason=RevocationReason.CertificateHold)
    assert listed(certificate)
    revoke(world, certificate, reason=RevocationReason.RemoveFromHold)
    assert certificate.state == CertificateState.Active
    assert not listed(certificate)
    with pytest.raises(WrongState, match="not on hold"):
        revoke(world, certificate, reason=RevocationReason.RemoveFromHold)


def test_a_revoked_one_is_not_revoked_again(world: World, certificate: Certificate) -> None:
    revoke(world, certificate)
    with pytest.raises(WrongState, match="revoked already"):
        revoke(world, certificate)
    assert Instance.objects.filter(record__workflow_type=WorkflowType.Revocation).count() == 1


def test_bad_orders_start_nothing(world: World, certificate: Certificate) -> None:
    actor = world.actor("operator")
    with pytest.raises(InvalidInput, match="empty"):
        revocation.revoke([], actor=actor, reason=REASON, comment="x")
    with pytest.raises(InvalidInput, match="Comment is required"):
        revoke(world, certificate, comment=" ")
    with pytest.raises(NotFound, match="4711"):
        revocation.revoke([certificate.pk, 4711], actor=actor, reason=REASON, comment="x")
    with pytest.raises(PermissionMissing):
        revoke(world, certificate, by="stranger")
    with pytest.raises(InvalidInput, match="1950"):
        revoke(world, certificate, effective_at=datetime(1900, 1, 1, tzinfo=UTC))
    assert not Instance.objects.filter(record__workflow_type=WorkflowType.Revocation).exists()


def test_a_step_cannot_set_a_date_that_no_crl_can_carry(world: World, certificate: Certificate) -> None:
    script = builders.step(
        "SetVariable",
        "Rewrite",
        ConfigurationParameters={"ScriptContent": '{"EffectiveDate": "1900-01-01T00:00:00Z"}'},
    )
    builders.publish(builders.chain(script), WorkflowType.Revocation, keys=[str(certificate.template_id)])
    revoked = revoke(world, certificate)
    assert revoked.instance.status == InstanceStatus.Failed
    assert certificate.state == CertificateState.Active
    assert not listed(certificate)


def test_crl_numbers_grow(world: World, certificate: Certificate) -> None:
    authority = CertificateAuthority.objects.get(pk=certificate.authority_id)
    numbers = [signing.publish_crl(authority.pk, timezone.now()).number for _ in range(3)]
    assert numbers == sorted(set(numbers))
