"""Stop, Restart and Delete with Confirm Operation."""

from __future__ import annotations

import re
import uuid
from html import escape, unescape
from urllib.parse import urlencode

import pytest

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals, definitions, instances
from workflows.engine import awaiting
from workflows.models import AuditEntry, DefinitionVersion, Instance, Role, User
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus


@pytest.fixture
def waiting(world: World) -> Instance:
    scenery.needs_approvals(world)
    return scenery.enroll(world).instance


@pytest.fixture
def failed(world: World) -> Instance:
    csr = scenery.csr("not a host", dns=["a.keyexample.com"])
    return scenery.enroll(world, csr=csr).instance


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("stop", ("Stop this instance?", "It ends as Rejected", "OK, stop it")),
        ("restart", ("Restart this instance?", "ends as Canceled for restart", "OK, restart it")),
    ],
)
def test_it_says_what_will_happen_and_does_nothing_yet(
    visit: Visitors, waiting: Instance, verb: str, words: tuple[str, ...]
) -> None:
    page = visit("operator").get(f"/workflow/instances/{waiting.guid}/{verb}").content.decode()
    assert "Confirm Operation" in page
    assert "Cancel" in page
    for each in words:
        assert each in page
    assert builders.reload(waiting).status == InstanceStatus.Suspended


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("stop", "The enrollment {} that it waits for is stopped, too."),
        ("restart", "The enrollment {} that it waits for goes on; the new instance begins no other one."),
    ],
)
def test_it_says_what_becomes_of_the_enrollment_that_is_awaited(
    visit: Visitors, world: World, waiting: Instance, verb: str, words: str
) -> None:
    renewal = builders.start(builders.publish(builders.noops(3)))
    Instance.objects.filter(pk=renewal.pk).update(status=InstanceStatus.Suspended)
    awaiting.expect(waiting.pk, waiter_id=renewal.pk)
    client = visit("operator")
    page = client.get(f"/workflow/instances/{renewal.guid}/{verb}").content.decode()
    assert words.format(waiting.pk) in page
    page = client.get(f"/workflow/instances/{waiting.guid}/{verb}").content.decode()
    assert "that it waits for" not in page


def test_stop(visit: Visitors, world: World, waiting: Instance) -> None:
    client = visit("operator")
    answer = client.post(f"/workflow/instances/{waiting.guid}/stop")
    assert answer.headers["Location"] == f"/workflow/instances/{waiting.guid}"
    page = client.get(answer.headers["Location"]).content.decode()
    assert f"Stopped by {world.operator.account_name}." in page
    assert "The instance is stopped." in page


def test_restart_leads_to_the_new_instance(visit: Visitors, world: World, waiting: Instance) -> None:
    answer = visit("operator").post(f"/workflow/instances/{waiting.guid}/restart")
    new = Instance.objects.get(record__restarted_from=waiting)
    assert answer.headers["Location"] == f"/workflow/instances/{new.guid}"
    assert builders.reload(waiting).status == InstanceStatus.CanceledForRestart
    assert new.record.restarted_by == world.operator


def test_a_failed_instance_may_restart_on_the_version_it_began_with(visit: Visitors, world: World) -> None:
    version = scenery.needs_approvals(world)
    waiting = scenery.enroll(world).instance
    instances.stop(waiting.guid, actor=world.actor("operator"))
    definition = version.definition
    later = definition.versions.create(
        number=2, display_name="Second", steps=version.steps, frozen_at=version.frozen_at
    )
    definition.published = definition.latest = later
    definition.save()
    client = visit("operator")
    page = client.get(f"/workflow/instances/{waiting.guid}/restart").content.decode()
    assert '<input type="radio" name="version" value="2" checked>' in page
    assert '<input type="radio" name="version" value="1">' in page
    client.post(f"/workflow/instances/{waiting.guid}/restart", {"version": "1"})
    assert Instance.objects.get(record__restarted_from=waiting).version == version


@pytest.mark.parametrize(
    ("right", "words"), [("instances/read/", "changed, not shown"), ("", "<del>1</del>")]
)
def test_values_of_steps_are_shown_to_who_reads_definitions(
    visit: Visitors, world: World, waiting: Instance, right: str, words: str
) -> None:
    """On the page of one restart and on that of several."""
    other = scenery.enroll(world).instance
    guid, rights = waiting.version.definition.guid, ["/workflows/instances/manage/", f"/workflows/{right}"]
    builders.role("Managers", world.stranger, permissions=rights)
    steps = builders.chain(builders.approval(roles=[world.approvers], MinimumApprovals=2))
    definitions.save_steps(guid, steps, actor=world.actor("operator"))
    definitions.publish(guid, actor=world.actor("operator"))
    form = {"operation": "restart", "instance": [waiting.guid, other.guid]}
    for url in (f"{waiting.guid}/restart", f"selected?{urlencode(form, doseq=True)}"):
        page = visit("stranger").get(f"/workflow/instances/{url}").content.decode()
        assert "MinimumApprovals" in page
        assert words in page


@pytest.mark.parametrize("allowed", [True, False])
def test_who_restarts_learns_whether_he_may_approve(
    visit: Visitors, world: World, waiting: Instance, allowed: bool
) -> None:
    guid, other = waiting.version.definition.guid, scenery.enroll(world).instance
    steps = builders.chain(builders.approval(roles=[world.approvers], AllowSelfApproval=allowed))
    definitions.save_steps(guid, steps, actor=world.actor("operator"))
    definitions.publish(guid, actor=world.actor("operator"))
    form = {"operation": "restart", "instance": [waiting.guid, other.guid]}
    for url in (f"{waiting.guid}/restart", f"selected?{urlencode(form, doseq=True)}"):
        page = visit("operator").get(f"/workflow/instances/{url}").content.decode()
        assert ("ou cannot give one yourself" in page) is not allowed
        assert ("You may give one where its step" in page) is allowed


@pytest.mark.parametrize("version", ["7", "1"])
def test_a_version_that_is_not_offered_is_refused(
    visit: Visitors, world: World, waiting: Instance, version: str
) -> None:
    definition = waiting.version.definition
    later = definition.versions.create(
        number=2, display_name="Second", steps=waiting.version.steps, frozen_at=waiting.version.frozen_at
    )
    definition.published = definition.latest = later
    definition.save()
    answer = visit("operator").post(f"/workflow/instances/{waiting.guid}/restart", {"version": version})
    assert answer.status_code == 400
    assert "restarts on the published version 2 only" in answer.content.decode()
    assert Instance.objects.count() == 1


@pytest.mark.parametrize("version", ["abc", "-1", "1.0", "0", "٢", "9" * 5_000])
def test_what_is_no_version_is_refused_at_the_field(visit: Visitors, waiting: Instance, version: str) -> None:
    instances.stop(waiting.guid, actor=builders.actor(User.objects.get(username="operator")))
    url = f"/workflow/instances/{waiting.guid}/restart"
    answer = visit("operator").post(url, {"version": version})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'id="version-problem"' in page
    assert "OK, restart it" in page
    assert Instance.objects.count() == 1


def from_list(page: str, verb: str) -> str:
    """Where the menu of the only row leads."""
    found = re.search(rf'href="(/workflow/instances/[^"]*/{verb}\?back=[^"]*)"', page)
    assert found is not None
    return unescape(found[1])


@pytest.mark.parametrize(
    ("verb", "words"),
    [("stop", "is stopped."), ("restart", "the new instance is"), ("delete", "is deleted.")],
)
def test_from_a_list_it_leads_back_to_the_list_as_it_was(
    visit: Visitors, waiting: Instance, verb: str, words: str
) -> None:
    if verb == "delete":
        instances.stop(waiting.guid, actor=builders.actor(User.objects.get(username="operator")))
    client = visit("operator")
    there = f"/workflow/instances?{urlencode({'value': 'app', 'page': '7'})}"
    asking = from_list(client.get(there).content.decode(), verb)
    page = client.get(asking).content.decode()
    assert f'href="{escape(there)}" data-close' in page
    back = re.search(r'name="back" value="([^"]*)"', page)
    assert back is not None
    answer = client.post(asking.partition("?")[0], {"back": unescape(back[1])})
    assert answer.headers["Location"] == there
    page = client.get(there).content.decode()
    assert words in page
    if verb == "restart":
        new = Instance.objects.get(record__restarted_from=waiting)
        assert f'<a href="/workflow/instances/{new.guid}">Reference Id {new.pk}</a>.' in page


def test_delete(visit: Visitors, failed: Instance) -> None:
    client = visit("operator")
    assert "Delete this instance?" in client.get(f"/workflow/instances/{failed.guid}/delete").content.decode()
    answer = client.post(f"/workflow/instances/{failed.guid}/delete")
    assert answer.headers["Location"] == "/workflow/instances"
    assert not Instance.objects.exists()
    assert AuditEntry.objects.filter(operation=Operation.Deleted).count() == 1
    assert "The instance is deleted." in client.get("/workflow/instances").content.decode()


@pytest.mark.parametrize(
    ("verb", "status", "words"),
    [
        ("stop", InstanceStatus.Complete, "only running and suspended ones can be stopped"),
        ("restart", InstanceStatus.Complete, "only failed, suspended and stopped ones restart"),
        ("restart", InstanceStatus.Rejected, "The request was denied"),
        ("delete", InstanceStatus.Suspended, "stop it first"),
        ("delete", InstanceStatus.Running, "stop it first"),
    ],
)
def test_what_is_not_possible_is_said_in_time_and_after_all(
    visit: Visitors, failed: Instance, verb: str, status: InstanceStatus, words: str
) -> None:
    Instance.objects.filter(pk=failed.pk).update(status=status)
    url = f"/workflow/instances/{failed.guid}/{verb}"
    for answer, expected in ((visit("operator").get(url), 200), (visit("operator").post(url), 409)):
        assert answer.status_code == expected
        assert words in answer.content.decode()
        assert '<button class="button danger">' not in answer.content.decode()
    assert Instance.objects.get().status == status


@pytest.mark.parametrize("verb", ["stop", "restart", "delete"])
def test_only_managers_may(visit: Visitors, world: World, failed: Instance, verb: str) -> None:
    url = f"/workflow/instances/{failed.guid}/{verb}"
    for person in ("requester", "approver", "stranger"):
        assert visit(person).get(url).status_code == 403
        assert visit(person).post(url).status_code == 403
    assert visit("operator").get(f"/workflow/instances/{uuid.uuid4()}/{verb}").status_code == 404
    assert visit("operator").post(f"/workflow/instances/{uuid.uuid4()}/{verb}").status_code == 404


def republished(version: DefinitionVersion, count: int, *, extra: bool = False) -> None:
    """A second published version that asks for `count` approvals and may have a step more."""
    steps = builders.chain(
        builders.approval(roles=[Role.objects.get(name="Approvers")], MinimumApprovals=count),
        *([builders.step("NOOPStep", "Extra1")] if extra else []),
    )
    twin = builders.publish(steps, name="Twin")
    definition = version.definition
    later = definition.versions.create(
        number=2, display_name="Second", steps=twin.steps, frozen_at=version.frozen_at
    )
    definition.published = definition.latest = later
    definition.save()


def test_a_restart_says_what_it_changes(visit: Visitors, world: World) -> None:
    version = scenery.needs_approvals(world, 2)
    waiting = scenery.enroll(world).instance
    approvals.approve(waiting.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    republished(version, 1, extra=True)
    page = visit("operator").get(f"/workflow/instances/{waiting.guid}/restart").content.decode()
    for words in (
        "Version 2 asks for 1 approval(s), version 1 for 2.",
        "version 1 → 2, 3 steps differ",
        "<del>2</del> → <ins>1</ins>",
        "1 that was given counts no more",
        "added",
        "changed",
        "MinimumApprovals",
        "approvalsignalcmnts",
        "values that it has gathered are lost",
    ):
        assert words in page
    assert 'name="version"' not in page, "a suspended one has no choice"


def test_a_restart_on_the_same_version_says_so(visit: Visitors, waiting: Instance) -> None:
    page = visit("operator").get(f"/workflow/instances/{waiting.guid}/restart").content.decode()
    assert "version 1, as before" in page
    assert "1, as before" in page
    assert "steps differ" not in page


def test_each_offered_version_says_what_it_changes(visit: Visitors, world: World) -> None:
    version = scenery.needs_approvals(world, 1)
    waiting = scenery.enroll(world).instance
    instances.stop(waiting.guid, actor=world.actor("operator"))
    republished(version, 2)
    page = visit("operator").get(f"/workflow/instances/{waiting.guid}/restart").content.decode()
    assert page.index("version 1 → 2, ") < page.index("version 1, as before")
    assert "<del>1</del> → <ins>2</ins>" in page


@pytest.mark.parametrize(("person", "list_url"), [("stranger", "/"), ("approver", "/workflow/my")])
def test_who_may_not_see_what_he_stopped_is_led_where_he_may(
    visit: Visitors, world: World, waiting: Instance, person: str, list_url: str
) -> None:
    manages = [Permission.WORKFLOW_INSTANCES_MANAGE]
    builders.role("Managers", getattr(world, person), permissions=manages)
    client = visit(person)
    for verb, words in (("stop", "The instance is stopped."), ("delete", "The instance is deleted.")):
        answer = client.post(f"/workflow/instances/{waiting.guid}/{verb}")
        assert answer.headers["Location"] == list_url
        page = client.get(list_url)
        assert page.status_code == 200
        assert words in page.text
