"""The definition asks one user, and that user is no longer available ("Workflow Instances Operations")."""

from __future__ import annotations

from tests import builders
from tests.stories.telling import Story
from tests.world import World
from workflows.models import Role, User
from workflows.vocabulary.permissions import Permission


def only(person: User) -> Role:
    return builders.role(
        "The only approver", person, permissions=[Permission.WORKFLOW_INSTANCES_READ_PENDING]
    )


def test_who_gets_the_role_may_approve_what_waits_already(story: Story, world: World) -> None:
    """Membership counts at the time of the signal, not when the step began."""
    role = only(world.approver)
    story.publish(role=role)
    instance = story.request()
    assert story.assigned(story.second_approver) == []
    role.members.set([world.second_approver])
    assert (story.assigned(story.approver), story.assigned(story.second_approver)) == ([], [instance])
    assert story.approve(instance, by=story.approver) in {403, 404}
    assert story.approve(instance, by=story.second_approver) == 204
    assert story.state(instance)[0] == "Complete"


def test_the_definition_is_corrected_published_and_the_request_restarted(story: Story, world: World) -> None:
    story.publish(role=only(world.approver))
    old = story.request()
    User.objects.filter(pk=world.approver.pk).update(is_active=False)
    story.role.members.set([world.second_approver])
    assert story.approve(old, by=story.approver) == 401
    story.publish(role=story.role)
    assert story.approve(old, by=story.second_approver) in {403, 404}
    new = story.restart(old)
    assert story.assigned(story.second_approver) == [new]
    assert story.approve(new, by=story.second_approver) == 204
    assert story.state(new)[0] == "Complete"


def test_an_answer_counts_though_its_giver_has_left_the_role(story: Story, world: World) -> None:
    story.publish(approvals=2)
    instance = story.request()
    assert story.approve(instance) == 204
    story.role.members.set([world.second_approver])
    assert story.approve(instance, by=story.second_approver) == 204
    assert story.state(instance)[0] == "Complete"


def test_with_nobody_in_its_role_the_request_waits_until_it_is_restarted(story: Story, world: World) -> None:
    role = only(world.approver)
    story.publish(role=role)
    old = story.request()
    role.members.clear()
    assert story.assigned(story.approver) == []
    assert story.state(old)[0] == "Suspended"
    story.publish(role=story.role)
    new = story.restart(old)
    assert story.approve(new) == 204
    assert story.state(new)[0] == "Complete"
