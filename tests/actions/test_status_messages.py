"""Every status message, each brought about by its real cause (workflow-instances.md, 2.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.steps.approving import after
from tests.steps.running import NAME as APPROVAL
from tests.world import World
from workflows.actions import approvals, instances, revocation, signing
from workflows.models import Certificate, CertificateAuthority, CertificateTemplate, Instance, MetadataField
from workflows.pki import authorities, bundles, keys
from workflows.pki.issuers import Issuer
from workflows.vocabulary import messages
from workflows.vocabulary.enrollment import KeyRetentionPolicy, PrivateKeyStatus
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.statuses import InstanceStatus

KEY = "RequireApproval1.ApprovalStatus"
Told = tuple[Instance, str]


def issued(world: World) -> Told:
    return scenery.enroll(world).instance, messages.ISSUED


def issued_and_key_retained(world: World) -> Told:
    CertificateTemplate.objects.filter(common_name="WebServerPfx").update(
        key_retention=KeyRetentionPolicy.Indefinite
    )
    wish = {
        "csr": "",
        "subject": "CN=appsrvr12.keyexample.com",
        "sans": {"dns": ["appsrvr12.keyexample.com"]},
    }
    return scenery.enroll(world, template="WebServerPfx", **wish).instance, messages.ISSUED_KEY_RETAINED


def revoked(world: World) -> Told:
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    [done] = revocation.revoke(
        [certificate.pk],
        actor=world.actor("operator"),
        reason=RevocationReason.Superseded,
        comment="Replaced",
    )
    builders.run_until_quiet()
    return done.instance, messages.REVOKED


def complete(world: World) -> Told:
    return builders.run(builders.publish(builders.noops(3))), messages.COMPLETE


def access_denied(world: World) -> Told:
    """The requester's role is taken from him while his request waits for its approval."""
    template = CertificateTemplate.objects.get(common_name="WebServer")
    role = builders.role("Web team", world.requester)
    template.use_allowed_requesters = True
    template.save()
    template.allowed_requesters.add(role)
    instance = waiting(world)
    role.members.clear()
    approve(world, instance)
    return instance, messages.ACCESS_DENIED


def awaiting_approvals(world: World) -> Told:
    return waiting(world, 3), messages.awaiting_approvals(3)


def rejected_by(world: World) -> Told:
    instance = waiting(world)
    approvals.signal(instance.guid, KEY, {"Approved": "False"}, actor=world.actor("approver"))
    builders.run_until_quiet()
    return instance, messages.rejected_by(world.approver.pk)


def not_decided_in_time(world: World) -> Told:
    asking = builders.approval(APPROVAL, roles=[world.approvers], DeadlineHours=1)
    instance = builders.run(builders.publish(builders.chain(asking)))
    return after(instance, hours=2), messages.not_decided_in_time(1)


def nobody_to_escalate_to(world: World) -> Told:
    escalating = {"DeadlineHours": 1, "OnDeadline": "Escalate", "EscalationRole": "$(team)"}
    asking = builders.approval(APPROVAL, roles=[world.approvers], **escalating)
    instance = after(builders.run(builders.publish(builders.chain(asking))), hours=2)
    awaited = messages.awaiting_approvals(1)
    return instance, messages.nobody_to_escalate_to(awaited, "The token $(team) has no value.")


def step_failed(world: World) -> Told:
    mail = {"Subject": "About $(nothing)", "Message": "<p>Hello</p>", "Recipients": ["pki@keyexample.com"]}
    step = builders.step("Email", "Tell", DisplayName="Tell the team", ConfigurationParameters=mail)
    instance = builders.run(builders.publish(builders.chain(step)))
    return instance, messages.step_failed("Tell the team", "The token $(nothing) has no value.")


def pre_process_failed(world: World) -> Told:
    instance = scenery.enroll(
        world, csr=scenery.csr("not a host name", dns=["appsrvr12.keyexample.com"])
    ).instance
    rule = "Invalid CN provided: Value must be a host name such as appsrvr12.keyexample.com."
    return instance, messages.pre_process_failed(rule)


def post_process_failed(world: World) -> Told:
    """A field that the requester has filled in is deleted while his request waits."""
    MetadataField.objects.create(name="Cost-Center", description="Who pays")
    instance = waiting(world, metadata={"Cost-Center": "4711"})
    MetadataField.objects.all().delete()
    approve(world, instance)
    return instance, messages.post_process_failed("There is no metadata field 'Cost-Center'.")


def refused_by_ca(world: World) -> Told:
    """The issuing CA's own certificate has run out."""
    then = timezone.now() - timedelta(days=11 * 365)
    root = authorities.create_root("CN=Old root", keys.curve_spec("P-256"), now=then)
    issuer = Issuer("the root", root.certificate)
    issuing = authorities.create_issuing(
        "CN=Old CA", keys.curve_spec("P-256"), issuer=issuer, issuer_key=root.key, now=then
    )
    CertificateAuthority.objects.filter(is_enabled=True).update(
        chain_pem=bundles.to_pem([issuing.certificate, root.certificate]),
        private_key=signing.store_key(issuing.key, "authority", PrivateKeyStatus.Retained),
    )
    reason = "The CA's certificate is not valid now; renew the CA first."
    return scenery.enroll(world).instance, messages.refused_by_ca(reason)


def ca_not_running(world: World) -> Told:
    instance = waiting(world)
    CertificateAuthority.objects.update(is_enabled=False)
    approve(world, instance)
    return instance, messages.ca_not_running("countersign.local")


def restarted_by(world: World) -> Told:
    instance = waiting(world)
    new = instances.restart(instance.guid, actor=world.actor("operator"))
    return instance, messages.restarted_by(r"COUNTERSIGN\operator", new.pk)


def stopped_by(world: World) -> Told:
    instance = waiting(world)
    instances.stop(instance.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    return instance, messages.stopped_by(r"COUNTERSIGN\operator")


CAUSES = {
    "ACCESS_DENIED": access_denied,
    "COMPLETE": complete,
    "ISSUED": issued,
    "ISSUED_KEY_RETAINED": issued_and_key_retained,
    "REVOKED": revoked,
    "awaiting_approvals": awaiting_approvals,
    "ca_not_running": ca_not_running,
    "post_process_failed": post_process_failed,
    "pre_process_failed": pre_process_failed,
    "refused_by_ca": refused_by_ca,
    "not_decided_in_time": not_decided_in_time,
    "nobody_to_escalate_to": nobody_to_escalate_to,
    "rejected_by": rejected_by,
    "restarted_by": restarted_by,
    "step_failed": step_failed,
    "stopped_by": stopped_by,
}
# These fail, and nothing of what they began may stay.
FRUITLESS = (
    "ACCESS_DENIED",
    "ca_not_running",
    "pre_process_failed",
    "refused_by_ca",
)


def waiting(world: World, count: int = 1, **wish: object) -> Instance:
    """An enrollment that waits for so many approvals."""
    scenery.needs_approvals(world, count)
    return scenery.enroll(world, **wish).instance


def approve(world: World, instance: Instance) -> None:
    approvals.signal(instance.guid, KEY, {"Approved": "True"}, actor=world.actor("approver"))
    builders.run_until_quiet()


def test_every_message_has_its_cause() -> None:
    assert sorted(CAUSES) == sorted(
        name for name in vars(messages) if name[0] != "_" and name != "annotations"
    )


@pytest.mark.parametrize("name", CAUSES)
def test_the_cause_brings_the_message(world: World, name: str) -> None:
    instance, message = CAUSES[name](world)
    assert builders.reload(instance).status_message == message


@pytest.mark.parametrize("name", FRUITLESS)
def test_what_fails_leaves_no_certificate(world: World, name: str) -> None:
    instance, _ = CAUSES[name](world)
    assert builders.reload(instance).status == InstanceStatus.Failed
    assert not Certificate.objects.exists()


def test_what_fails_after_the_signature_keeps_the_certificate_for_the_restart(world: World) -> None:
    old, _ = post_process_failed(world)
    MetadataField.objects.create(name="Cost-Center", description="Who pays")
    new = instances.restart(old.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    approve(world, new)
    assert builders.reload(new).status == InstanceStatus.Complete
    assert Certificate.objects.get().serial_number == builders.reload(old).data["SerialNumber"]
