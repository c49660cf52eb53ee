"""Workflow Signal Review: approve, deny, and every way of coming too late."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import instances, revocation
from workflows.actions.asked import asked
from workflows.models import CertificateTemplate, Instance, SignalDecision
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType


@pytest.fixture
def waiting(world: World) -> Instance:
    """An enrollment that waits for two approvals."""
    scenery.needs_approvals(world, 2)
    return scenery.enroll(world).instance


def form_of(page: str) -> dict[str, str]:
    """The hidden fields as the browser would send them."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def decide(client: Client, instance: Instance, **fields: str) -> HttpResponse:
    """What a person does: look at the page, then send its form."""
    url = f"/workflow/my/{instance.guid}"
    return client.post(url, {**form_of(client.get(url).content.decode()), **fields})


def test_what_matters_stands_on_the_page(visit: Visitors, waiting: Instance) -> None:
    page = visit("approver").get(f"/workflow/my/{waiting.guid}").content.decode()
    for words in (
        "appsrvr12.<wbr>keyexample.com",
        "ECC P-256",
        "made by the requester",
        "Server Authentication",
        "200 days",
        "Countersign Issuing CA 1",
        "requester@<wbr>keyexample.com",
        "Our own linter found nothing wrong",
        "2 more approvals are needed, yours is one.",
        "The CA signs exactly what is shown here.",
        "your signature",
    ):
        assert words in page


def test_two_people_approve_and_the_certificate_is_issued(visit: Visitors, waiting: Instance) -> None:
    first = decide(visit("approver"), waiting, Approved="True", Comment="Checked.")
    assert first.headers["Location"] == "/workflow/my?tab=assigned"
    page = visit("second_approver").get(f"/workflow/my/{waiting.guid}").content.decode()
    assert "Checked." in page
    assert "Your approval is the last one needed." in page
    decide(visit("second_approver"), waiting, Approved="True")
    builders.run_until_quiet()
    assert builders.reload(waiting).status == InstanceStatus.Complete
    assert SignalDecision.objects.filter(content_digest="").count() == 0


def test_the_flash_says_what_was_done(visit: Visitors, waiting: Instance) -> None:
    client = visit("approver")
    decide(client, waiting, Approved="False", Comment="Not ours.")
    assert "You denied the request." in client.get("/workflow/my").content.decode()
    builders.run_until_quiet()
    assert builders.reload(waiting).status == InstanceStatus.Rejected


def test_the_requester_sees_why_it_was_denied(visit: Visitors, waiting: Instance) -> None:
    decide(visit("approver"), waiting, Approved="False", Comment="We have no such server.")
    builders.run_until_quiet()
    for path in (f"/workflow/instances/{waiting.guid}", f"/enroll/{waiting.guid}"):
        assert "We have no such server." in visit("requester").get(path).content.decode()


def test_the_requester_may_look_but_not_decide(visit: Visitors, world: World, waiting: Instance) -> None:
    world.approvers.members.add(world.requester)
    client = visit("requester")
    page = client.get(f"/workflow/my/{waiting.guid}").content.decode()
    assert "Nobody approves or denies a request of his own" in page
    assert 'name="Approved"' not in page
    key = {"SignalKey": "RequireApproval1.ApprovalStatus", "Approved": "True"}
    assert client.post(f"/workflow/my/{waiting.guid}", key).status_code == 403


def test_a_second_answer_of_the_same_person_shows_the_page_with_what_is_known(
    visit: Visitors, waiting: Instance
) -> None:
    client = visit("approver")
    form = form_of(client.get(f"/workflow/my/{waiting.guid}").content.decode())
    client.post(f"/workflow/my/{waiting.guid}", {**form, "Approved": "True"})
    again = client.post(
        f"/workflow/my/{waiting.guid}", {**form, "Approved": "False", "Comment": "I changed my mind."}
    )
    assert again.status_code == 409
    assert "has answered this step already" in again.content.decode()
    assert SignalDecision.objects.count() == 1


def test_who_comes_too_late_sees_who_decided(visit: Visitors, world: World, waiting: Instance) -> None:
    late = visit("second_approver")
    form = form_of(late.get(f"/workflow/my/{waiting.guid}").content.decode())
    decide(visit("approver"), waiting, Approved="False", Comment="Unknown team.")
    builders.run_until_quiet()
    answer = late.post(f"/workflow/my/{waiting.guid}", {**form, "Approved": "True"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"denied by {world.approver.account_name}" in page.replace("&#x27;", "'")
    assert "Unknown team." in page
    assert 'name="Approved"' not in page
    opened = late.get(f"/workflow/my/{waiting.guid}")
    assert opened.status_code == 200
    page = opened.content.decode()
    assert "Unknown team." in page
    assert 'name="Approved"' not in page
    assert f'href="/workflow/instances/{waiting.guid}' not in page, "which he may not see any more"


def test_an_instance_that_was_stopped_meanwhile(visit: Visitors, world: World, waiting: Instance) -> None:
    client = visit("approver")
    form = form_of(client.get(f"/workflow/my/{waiting.guid}").content.decode())
    instances.stop(waiting.guid, actor=world.actor("operator"))
    answer = client.post(f"/workflow/my/{waiting.guid}", {**form, "Approved": "True", "Comment": "Fine."})
    assert answer.status_code == 409
    assert "Rejected" in answer.content.decode()


def test_content_that_changed_since_the_page_was_shown_is_not_approved(
    visit: Visitors, waiting: Instance
) -> None:
    client = visit("approver")
    form = form_of(client.get(f"/workflow/my/{waiting.guid}").content.decode())
    Instance.objects.filter(pk=waiting.pk).update(
        data={**builders.reload(waiting).data, "Subject": "CN=other.keyexample.com"}
    )
    answer = client.post(f"/workflow/my/{waiting.guid}", {**form, "Approved": "True", "Comment": "Fine."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What you saw is not what would be done any more" in page
    assert "other.keyexample.com" in page, "the new state is shown"
    assert "Fine.</textarea>" in page, "what was typed is kept"
    assert SignalDecision.objects.count() == 0


def test_a_template_that_changed_meanwhile_is_said_before_anybody_signs(
    visit: Visitors, waiting: Instance
) -> None:
    CertificateTemplate.objects.filter(common_name="WebServer").update(validity_days=7)
    page = visit("approver").get(f"/workflow/my/{waiting.guid}").content.decode()
    assert "The template was changed since this approval began" in page
    assert decide(visit("approver"), waiting, Approved="True").status_code == 409


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Approved": "Perhaps"}, "Select a valid choice"),
        ({}, "This field is required"),
        ({"Approved": "True", "SignalKey": "nonsense"}, "SignalKey must be"),
        ({"Approved": "True", "SignalKey": "RequireApproval1.Nonsense"}, "takes no signal 'Nonsense'"),
        ({"Approved": "True", "Comment": "x" * 4001}, "at most 4000 characters"),
        ({"Approved": "True", "Comment": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_forms_that_nobody_sends_by_hand_change_nothing(
    visit: Visitors, waiting: Instance, fields: dict[str, str], words: str
) -> None:
    answer = decide(visit("approver"), waiting, **fields)
    assert answer.status_code in (400, 403)
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert SignalDecision.objects.count() == 0


def test_a_long_comment_with_line_ends_is_counted_as_the_browser_counts(
    visit: Visitors, waiting: Instance
) -> None:
    comment = "x\r\n" * 2000
    assert decide(visit("approver"), waiting, Approved="True", Comment=comment).status_code == 302
    assert SignalDecision.objects.get().comment == ("x\n" * 2000).strip()


def test_a_signal_for_another_step_changes_nothing(visit: Visitors, waiting: Instance) -> None:
    answer = decide(visit("approver"), waiting, Approved="True", SignalKey="Elsewhere.ApprovalStatus")
    assert answer.status_code == 409
    assert "waits at step" in answer.content.decode()


def test_who_is_asked_nothing_finds_nothing(visit: Visitors, world: World, waiting: Instance) -> None:
    assert visit("stranger").get(f"/workflow/my/{waiting.guid}").status_code == 403
    assert visit("stranger").post(f"/workflow/my/{waiting.guid}", {"Approved": "True"}).status_code == 403
    builders.role("Other approvers", world.stranger, permissions=["/workflows/instances/read/pending/"])
    assert visit("stranger").get(f"/workflow/my/{waiting.guid}").status_code == 404
    assert visit("stranger").post(f"/workflow/my/{waiting.guid}", {"Approved": "True"}).status_code == 404
    assert decide(visit("stranger"), waiting, Approved="True").status_code == 404


def test_a_subject_with_markup_is_text(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world, template="CodeSigning")
    name = "<img src=x onerror=alert(1)>"
    instance = scenery.enroll(
        world, template="CodeSigning", csr=scenery.csr(name, dns=["a.keyexample.com"])
    ).instance
    page = visit("approver").get(f"/workflow/my/{instance.guid}").content.decode()
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_renewal_shows_what_differs(visit: Visitors, world: World) -> None:
    old = scenery.enroll(world).certificate
    assert old is not None
    scenery.needs_approvals(world)
    names = ["appsrvr12.keyexample.com", "new.keyexample.com"]
    renewal = scenery.enroll(world, renewal_certificate_id=old.pk, csr=scenery.csr(dns=names)).instance
    page = visit("approver").get(f"/workflow/my/{renewal.guid}").content.decode()
    assert "Renewal" in page
    assert "Different from the certificate it replaces" in page
    changes = page.partition('<table class="change">')[2].partition("</table>")[0]
    assert re.findall(r'<th scope="row">(.*?)</th>', changes) == ["DNS Name"]


def test_a_broken_rule_is_a_finding(visit: Visitors, world: World, waiting: Instance) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.regexes.update(regex="^other", error="The name must begin with other.")
    page = visit("approver").get(f"/workflow/my/{waiting.guid}").content.decode()
    assert "What our own linter found" in page
    assert "The name must begin with other." in page


def test_a_revocation_shows_reason_and_date(visit: Visitors, world: World) -> None:
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    steps = builders.chain(builders.approval(roles=[world.approvers]))
    builders.publish(steps, WorkflowType.Revocation, keys=[str(certificate.template_id)])
    (revoked,) = revocation.revoke(
        [certificate.pk],
        actor=world.actor("operator"),
        reason=RevocationReason.KeyCompromise,
        comment="The key was on a laptop that is gone.",
    )
    builders.run_until_quiet()
    page = visit("approver").get(f"/workflow/my/{revoked.instance.guid}").content.decode()
    for words in ("Revocation", "Key compromised", "The key was on a laptop", "appsrvr12.keyexample.com"):
        assert words in page
    assert "The certificate is revoked, and the next CRL lists it." in page
    decide(visit("approver"), revoked.instance, Approved="True")
    builders.run_until_quiet()
    assert builders.reload(revoked.instance).status == InstanceStatus.Complete


def test_approvals_are_only_recorded_through_the_action(visit: Visitors, waiting: Instance) -> None:
    """A GET never decides."""
    visit("approver").get(f"/workflow/my/{waiting.guid}?Approved=True")
    assert asked(builders.reload(waiting)).signals[0].is_received is False
