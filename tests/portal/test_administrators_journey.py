"""An administrator makes a role, people and a definition by forms; a request waits for two approvals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from tests import builders
from workflows.models import CertificateTemplate, Definition, Instance, Role
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

if TYPE_CHECKING:
    from tests.world import World

PASSWORD = "correct horse battery staple"


@pytest.fixture
def admin(world: World) -> Client:
    """The first administrator, as the installation makes him."""
    client = Client()
    client.force_login(Role.objects.get(immutable=True).members.get())
    return client


def log_in(name: str) -> Client:
    client = Client()
    client.post(reverse("portal:login"), {"username": name, "password": PASSWORD})
    return client


def tabs(page: str) -> list[str]:
    found = page.partition('class="tabs"')[2].partition("</nav>")[0]
    return re.findall(r"<a [^>]*href=", found)


def make_approvers(admin: Client, *names: str) -> Role:
    """Users, and a role with the one permission that approvers need."""
    for name in names:
        given = {"account_name": name, "password": PASSWORD, "time_zone": "UTC"}
        assert admin.post(reverse("portal:user_new"), given).status_code == 302
    permissions = [Permission.WORKFLOW_INSTANCES_READ_PENDING]
    given = {"name": "Signers", "enabled": "on", "permissions": permissions}
    assert admin.post(reverse("portal:role_new"), given).status_code == 302
    role = Role.objects.get(name="Signers")
    added = admin.post(reverse("portal:role_members_add", args=[role.pk]), {"users": ", ".join(names)})
    assert added.status_code == 302
    return role


def build_definition(admin: Client, role: Role) -> Definition:
    """Made, filled with one step for two approvals, and published, all by forms."""
    key = CertificateTemplate.objects.get(common_name="WebServer").pk
    address = reverse("portal:definition_new") + "?type=Enrollment"
    admin.post(address, {"display_name": "Two signatures", "keys": [key]})
    made = Definition.objects.get(latest__display_name="Two signatures")
    step = reverse("portal:step_new", args=[made.guid])
    address = f"{step}?type=RequireApproval&place=continue:StartNOOP"
    form = admin.get(address)
    given = {
        "expected": form.context["hidden"][0][1],
        "display_name": "Two of the signers approve",
        "enabled": "on",
        "parameter_MinimumApprovals": "2",
        "parameter_OnDeadline": "Deny",
        "roles_ApprovalStatus": [role.pk],
        "output_continue": form.context["form"]["output_continue"].value(),
    }
    assert admin.post(address, given).status_code == 302
    publish = reverse("portal:definition_publish", args=[made.guid, 1])
    state = admin.get(publish).context["confirmation"].expected
    assert admin.post(publish, {"expected": state}).status_code == 302
    return made


def test_a_holder_of_pending_alone_sees_one_tab(admin: Client) -> None:
    make_approvers(admin, "anna")
    page = log_in("anna").get(reverse("portal:my_workflows"))
    assert page.status_code == 200
    assert len(tabs(page.text)) == 1
    assert "Assigned to Me" in page.text
    assert "Created by Me" not in page.text


def test_a_definition_made_by_forms_waits_for_two_approvals(admin: Client, world: World) -> None:
    from tests.world import enroll

    role = make_approvers(admin, "anna", "bert")
    made = build_definition(admin, role)
    instance = enroll(world).instance
    assert instance.version.definition_id == made.pk
    assert instance.status == InstanceStatus.Suspended
    for name, status in (("anna", InstanceStatus.Suspended), ("bert", InstanceStatus.Complete)):
        approve(log_in(name), instance)
        builders.run_until_quiet()
        assert builders.reload(instance).status == status


def approve(client: Client, instance: Instance) -> None:
    """Send the form of the review page as it is shown."""
    address = reverse("portal:review", args=[instance.guid])
    page = client.get(address).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = client.post(address, {**hidden, "Approved": "True", "Comment": "Fine"})
    assert answer.status_code == 302, answer.text
