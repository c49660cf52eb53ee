"""Instance Review and View Definition."""

from __future__ import annotations

import re
import uuid
from html import unescape

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals, instances
from workflows.models import AuditEntry, Instance


@pytest.fixture
def waiting(world: World) -> Instance:
    scenery.needs_approvals(world, 2)
    return scenery.enroll(world).instance


def text_of(answer: HttpResponse) -> str:
    """What a person reads, blanks joined."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode().replace("<wbr>", "")))


def page_of(client: Client, instance: Instance, below: str = "") -> str:
    return text_of(client.get(f"/workflow/instances/{instance.guid}{below}"))


def test_the_page_tells_the_whole_story(visit: Visitors, world: World, waiting: Instance) -> None:
    for person in ("approver", "second_approver"):
        approvals.approve(
            waiting.guid,
            actor=world.actor(person),
            step_name="RequireApproval1",
            comment=f"Checked by {person}.",
        )
    builders.run_until_quiet()
    page = page_of(visit("operator"), waiting)
    for words in (
        "Issued",
        "Approve Done",
        "Keyfactor-Enroll Done",
        "values changed",
        "Checked by approver.",
        "Approval 2 of 2",
        "Certificate CN= appsrvr12.keyexample.com",
        "Audit entries",
        "Approved · COUNTERSIGN\\approver RequireApproval1 · Checked by approver.",
        "Raw Certificate, decoded",
    ):
        assert words in page
    assert "Not reached" not in page
    assert " 0 ms" not in page, "steps of one turn begin and end with it"


def test_what_is_still_to_come_is_shown_while_it_waits(visit: Visitors, waiting: Instance) -> None:
    page = page_of(visit("operator"), waiting)
    steps = page.partition(" Steps ")[2].partition("Current Data")[0]
    assert re.search(
        r"Start.* Done.*Approve Waiting.*Keyfactor-Enroll Not reached.*EndNOOP Not reached", steps
    )
    assert "Awaiting 2 more approval(s) from approval roles." in steps


def test_only_those_who_may_see_audit_entries_see_them(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    assert "Audit entries" in page_of(visit("operator"), waiting)
    assert "Audit entries" not in page_of(visit("requester"), waiting)


def test_who_may_decide_is_led_to_the_review(visit: Visitors, waiting: Instance) -> None:
    link = f'href="/workflow/my/{waiting.guid}"'
    assert link in visit("approver").get(f"/workflow/instances/{waiting.guid}").content.decode()
    assert link not in visit("operator").get(f"/workflow/instances/{waiting.guid}").content.decode()


@pytest.mark.parametrize("tab", ["created", "decided"])
def test_opened_from_my_workflows_nothing_can_be_done(
    visit: Visitors, world: World, waiting: Instance, tab: str
) -> None:
    """Instances has the operations and Assigned to Me the inputs; the other tabs have neither."""
    people = (world.requester, world.second_approver)
    builders.role("Everything", *people, permissions=["/workflows/"])
    approvals.approve(waiting.guid, actor=world.actor("second_approver"), step_name="RequireApproval1")
    client = visit("requester" if tab == "created" else "second_approver")
    path = f"/workflow/instances/{waiting.guid}"
    assert re.search(rf'href="{path}\?tab={tab}"', client.get(f"/workflow/my?tab={tab}").content.decode())
    for address, offered in ((path, True), (f"{path}?tab={tab}", False), (f"{path}?tab=nonsense", True)):
        page = client.get(address).content.decode()
        assert (f"{path}/stop" in page) is (f"{path}/restart" in page) is offered
        assert (f'<a href="/workflow/my?tab={tab}">' in page) is not offered
    definition = client.get(f"{path}/definition?tab={tab}").content.decode()
    assert f'href="{path}?tab={tab}"' in definition


def test_who_may_decide_answers_in_assigned_to_me_alone(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    builders.role("Everything", world.approver, permissions=["/workflows/"])
    client, path = visit("approver"), f"/workflow/instances/{waiting.guid}"
    review = f'href="/workflow/my/{waiting.guid}"'
    assert review in client.get(path).content.decode()
    assert review not in client.get(f"{path}?tab=created").content.decode()


def test_restarts_name_each_other(visit: Visitors, world: World, waiting: Instance) -> None:
    new = instances.restart(waiting.guid, actor=world.actor("operator"))
    assert f"Restarted as Reference Id {new.pk}" in page_of(visit("operator"), waiting)
    page = page_of(visit("operator"), new)
    assert f"Restarted from Reference Id {waiting.pk}" in page
    assert "Restarted by" in page


def test_nothing_leads_to_what_the_reader_may_not_see(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    new = instances.restart(waiting.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    page = visit("approver").get(f"/workflow/instances/{new.guid}").content.decode()
    assert f"/workflow/instances/{waiting.guid}" not in page
    done = scenery.enroll(world, template="CodeSigning")
    assert done.certificate is not None
    builders.role("Readers", world.stranger, permissions=["/workflows/instances/read/"])
    page = visit("stranger").get(f"/workflow/instances/{done.instance.guid}").content.decode()
    assert f"/certificates/{done.certificate.pk}" not in page
    assert (
        f'href="/certificates/{done.certificate.pk}"'
        in visit("operator").get(f"/workflow/instances/{done.instance.guid}").content.decode()
    )


def test_audit_entries_lead_to_the_audit_log(visit: Visitors, world: World, waiting: Instance) -> None:
    instances.stop(waiting.guid, actor=world.actor("operator"))
    client = visit("operator")
    page = client.get(f"/workflow/instances/{waiting.guid}").content.decode()
    entry = AuditEntry.objects.get(immutable_identifier=str(waiting.guid))
    assert f'href="/administration/audit/{entry.pk}"' in page
    assert f'href="/administration/audit/{entry.pk}"' in client.get("/").content.decode()
    found = re.search(r'href="(/administration/audit\?query=[^"]*)"', page)
    assert found is not None
    log = client.get(unescape(found[1])).content.decode()
    assert log.count("data-row>") == 1


def test_conditions_are_shown_with_what_they_came_out_as(visit: Visitors, world: World) -> None:
    steps = builders.chain(builders.step("NOOPStep", "Skipped1", Conditions=[{"Value": "$(AlertId) == 7"}]))
    instance = builders.run(builders.publish(steps), {"AlertId": 8, "CertificateId": 1})
    page = page_of(visit("operator"), instance)
    assert "Skipped1 Skipped" in page
    assert re.search(r"\$\(AlertId\) == 7 was No", page)


def test_a_failed_instance_says_why(visit: Visitors, world: World) -> None:
    failed = scenery.enroll(world, csr=scenery.csr("not a host", dns=["a.keyexample.com"])).instance
    page = page_of(visit("operator"), failed)
    assert "Failed Pre-process failed: Invalid CN provided" in page
    assert "It ended before its first step." in page
    assert "Current Step none" in page


def test_markup_in_data_is_text(visit: Visitors, world: World) -> None:
    steps = builders.chain()
    data = {"AlertId": 1, "<script>alert(1)</script>": {"<i>": ["</dd><script>alert(2)</script>"]}}
    instance = builders.run(builders.publish(steps), data)
    page = visit("operator").get(f"/workflow/instances/{instance.guid}").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("below", ["", "/definition"])
def test_who_may_not_see_it_finds_nothing(
    visit: Visitors, world: World, waiting: Instance, below: str
) -> None:
    path = f"/workflow/instances/{waiting.guid}{below}"
    assert visit("stranger").get(path).status_code == 403
    builders.role("Requesters too", world.stranger, permissions=["/workflows/instances/read/mine/"])
    assert visit("stranger").get(path).status_code == 404
    assert visit("operator").get(f"/workflow/instances/{uuid.uuid4()}{below}").status_code == 404
    assert visit("requester").get(path).status_code == 200


@pytest.mark.parametrize("folder", ["instances", "my"])
def test_a_reference_id_leads_to_the_page(visit: Visitors, waiting: Instance, folder: str) -> None:
    answer = visit("operator").get(f"/workflow/{folder}/{waiting.pk}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/workflow/{folder}/{waiting.guid}")
    for nothing in (waiting.pk + 1, 0, "9" * 40):
        assert visit("operator").get(f"/workflow/{folder}/{nothing}").status_code == 404


def test_the_definition_is_that_of_the_beginning(visit: Visitors, world: World) -> None:
    version = scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    definition = version.definition
    later = definition.versions.create(
        number=2, display_name="Renamed", steps=version.steps, frozen_at=version.frozen_at
    )
    definition.published = definition.latest = later
    definition.save()
    page = page_of(visit("operator"), instance, "/definition")
    assert "WebServer with approval" in page
    assert "Version 1, as it was when this instance began. Read-only." in page
    assert "Published version 2" in page
    assert "Decided by Approvers" in page
    assert "Web server (CSR)" in page
    assert "no longer the published one" in page_of(visit("operator"), instance)


def test_signatures_name_the_command_line_that_restarted(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    call_command("instances", "restart", str(waiting.pk), "--yes")
    new, client = Instance.objects.latest("pk"), visit("operator")
    assert re.search(r"Command line \([^)]*\) Restarted by", page_of(client, new))
    nobody = builders.start(waiting.version, restarted_from_id=waiting.pk)  # as one whose entry is forgotten
    assert "an operator Restarted by" in page_of(client, nobody)


@pytest.mark.parametrize("below", ["", "/definition", "/review"])
@pytest.mark.parametrize("who", ["requester", "approver", "stranger", "operator"])
def test_configuration_is_shown_to_who_reads_definitions(
    visit: Visitors, world: World, who: str, below: str
) -> None:
    """Who only sees the instance learns what was done and what comes, and who answers (D19)."""
    builders.role("Auditors", world.stranger, permissions=["/workflows/instances/read/"])
    marked = {"ConfigurationParameters": {"ScriptContent": '{"marked-4711": 1}'}}
    on = {"Conditions": [{"Value": "$(initiator) == 'marked-4712'"}]}
    mail = {"Recipients": ["marked-4713@keyexample.com"], "Subject": "s", "Message": "m"}
    after = [
        builders.step("SetVariable", "Prepare", **marked, **on),
        builders.step("Email", "Tell", ConfigurationParameters=mail),
    ]
    scenery.needs_approvals(world, 2, after=after)
    waiting = scenery.enroll(world).instance
    folder = "my" if below == "/review" else "instances"
    answer = visit(who).get(f"/workflow/{folder}/{waiting.guid}{below.replace('/review', '')}")
    page, reads = unescape(text_of(answer)), who == "operator" and below
    assert answer.status_code == 200
    assert "Prepare" in page
    assert "Approvers" in page
    assert ("marked-" in page) == bool(reads)
    assert ("nly under a condition" in page) == bool(below and not reads)
    told = "Conditions and configuration are shown to those who may read workflow definitions."
    assert (told in page) == (below == "/definition" and not reads)


def test_the_definition_shows_no_secret(visit: Visitors, world: World) -> None:
    steps = builders.chain(
        builders.step(
            "RESTRequest",
            "Call1",
            ConfigurationParameters={
                "Verb": "GET",
                "URL": "https://api.keyexample.com/",
                "UseBasicAuth": True,
                "BasicUsername": "robot",
                "BasicPassword": {"SecretValue": "marked-secret-4711"},
            },
            Conditions=[{"Value": "False"}],
        )
    )
    instance = builders.run(builders.publish(steps), {"AlertId": 1})
    page = visit("operator").get(f"/workflow/instances/{instance.guid}/definition").content.decode()
    assert "https://api.keyexample.com/" in page.replace("<wbr>", "")
    assert "4711" not in page
