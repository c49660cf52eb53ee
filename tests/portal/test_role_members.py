"""Who holds a role: added by name, found and removed, whatever their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import builders
from tests.portal.conftest import Visitors
from workflows.models import AuditEntry, Role, User

if TYPE_CHECKING:
    from tests.world import World

MANY = 5000


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(Role.objects.get(immutable=True).members.get())
    return client


@pytest.fixture
def role(world: World) -> Role:
    return builders.role("Signers")


def names(role: Role) -> list[str]:
    return list(role.members.order_by("username").values_list("username", flat=True))


def test_members_are_added_by_name(admin: Client, role: Role) -> None:
    address = reverse("portal:role_members_add", args=[role.pk])
    answer = admin.post(address, {"users": r"COUNTERSIGN\approver, REQUESTER"}, follow=True)
    assert names(role) == ["approver", "requester"]
    assert "2 members added." in answer.text
    again = admin.post(address, {"users": "approver"}, follow=True)
    assert "They were members already." in again.text
    entry = AuditEntry.objects.filter(immutable_identifier=str(role.pk)).latest("pk")
    assert (entry.before, entry.after) == (
        {"members": []},
        {"members": [r"COUNTERSIGN\approver", r"COUNTERSIGN\requester"]},
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Write the name of a user."),
        ("approver, nobody-at-all", "There is no user named nobody-at-all."),
        ("<b>x</b> 🦄\u202e", "There is no user named"),
        ("x" * 4000, "There is no user named"),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_names_that_are_wrong_are_said_at_the_field(admin: Client, role: Role, given: str, said: str) -> None:
    answer = admin.post(reverse("portal:role_members_add", args=[role.pk]), {"users": given})
    assert answer.status_code == 400
    assert said in answer.context["adding"].errors["users"][0]
    assert "<b>x</b>" not in answer.text
    assert names(role) == []


def test_a_member_is_removed_after_a_question(admin: Client, role: Role, world: World) -> None:
    role.members.set([world.approver, world.operator])
    address = reverse("portal:role_member_remove", args=[role.pk, world.approver.pk])
    assert "Take the role Signers from this user?" in admin.get(address).text
    assert names(role) == ["approver", "operator"]
    assert admin.post(address).status_code == 302
    assert names(role) == ["operator"]
    assert admin.post(address).status_code == 404


def test_suggestions_keep_what_was_typed_before_them(admin: Client, role: Role, world: World) -> None:
    role.members.add(world.approver)
    address = reverse("portal:role_members_suggest", args=[role.pk])
    page = admin.get(address, {"users": "operator, req"}).text
    assert 'value="operator, requester"' in page
    assert "approver" not in admin.get(address, {"users": "appr"}).text.replace("second_approver", "")
    assert "<option" not in admin.get(address, {"users": " "}).text
    assert "<option" not in admin.get(address, {"users": "a\0%"}).text


def test_thousands_of_members_are_paged_and_found(admin: Client, role: Role) -> None:
    people = User.objects.bulk_create(User(username=f"person{number:04}") for number in range(MANY))
    role.members.add(*people)
    pages = (("role", {}), ("role", {"page": "7"}), ("role", {"member": "person4999"}), ("role_edit", {}))
    for page, query in pages:
        with CaptureQueriesContext(connection) as queries:
            answer = admin.get(reverse(f"portal:{page}", args=[role.pk]), query)
        assert len(queries) <= 25
        assert len(answer.content) < 200_000
    found = admin.get(reverse("portal:role", args=[role.pk]), {"member": "person4999"})
    assert [person.username for person in found.context["members"]] == ["person4999"]
    nobody = admin.get(reverse("portal:role", args=[role.pk]), {"member": "nobody\0"})
    assert "No member is called so." in nobody.text


def test_others_change_no_members(visit: Visitors, role: Role, world: World) -> None:
    stranger = visit("stranger")
    for name, key in (
        ("role_members_add", [role.pk]),
        ("role_member_remove", [role.pk, world.approver.pk]),
    ):
        assert stranger.post(reverse(f"portal:{name}", args=key), {"users": "stranger"}).status_code == 403
    suggestions = stranger.get(reverse("portal:role_members_suggest", args=[role.pk]), {"users": "a"})
    assert suggestions.status_code == 403
