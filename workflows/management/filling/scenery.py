"""The people, roles and definitions that the instances of a filled database belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from workflows.engine import documents, registry
from workflows.management.filling.shapes import SHAPES, Shape
from workflows.models import Definition, DefinitionVersion, Role, User
from workflows.vocabulary.permissions import Permission

PEOPLE = 400
APPROVERS = 3  # members of a role
WAITING = 50  # instances that wait for one role
ROLES_OF_THE_BUSIEST = 10
APPROVAL = "RequireApproval1"


@dataclass(frozen=True, slots=True)
class Scenery:
    people: Sequence[User]
    roles: Sequence[Role]
    versions: Sequence[tuple[Shape, Sequence[DefinitionVersion]]]  # oldest first


def make(*, pending: int, steps: int) -> Scenery:
    """People who cannot log in, a role for each fifty waiting instances, every definition of `SHAPES`.

    The first person holds the first ten roles. Every version has `steps` steps, an approval in the middle.
    """
    people = _people()
    roles = _roles(people, max(ROLES_OF_THE_BUSIEST, pending // WAITING))
    return Scenery(people, roles, [(shape, _versions(shape, steps, roles[0])) for shape in SHAPES])


def place_of_approval(steps: int) -> int:
    """Which of so many steps is the approval, counted from 1."""
    return steps // 2 + 1


def _people() -> list[User]:
    taken = User.objects.count()
    names = [f"person{taken + number}" for number in range(PEOPLE)]
    return User.objects.bulk_create(
        User(username=name, password=make_password(None), full_name=name.title()) for name in names
    )


def _roles(people: Sequence[User], count: int) -> list[Role]:
    taken = Role.objects.count()
    grants = [Permission.WORKFLOW_INSTANCES_READ_PENDING, Permission.WORKFLOW_INSTANCES_READ_MINE]
    roles = Role.objects.bulk_create(
        Role(name=f"Approvers {taken + number}", permissions=grants) for number in range(count)
    )
    pairs = {(place, role.pk) for place, role in _memberships(roles)}
    Role.members.through.objects.bulk_create(
        Role.members.through(user_id=people[place].pk, role_id=role_id) for place, role_id in sorted(pairs)
    )
    return roles


def _memberships(roles: Sequence[Role]) -> list[tuple[int, Role]]:
    busiest = [(0, role) for role in roles[:ROLES_OF_THE_BUSIEST]]
    others = [
        (1 + (number * APPROVERS + member) % (PEOPLE - 1), role)
        for number, role in enumerate(roles)
        for member in range(APPROVERS)
    ]
    return busiest + others


def _versions(shape: Shape, steps: int, role: Role) -> list[DefinitionVersion]:
    """A definition with its versions, the newest one published."""
    definition = Definition.objects.create(workflow_type=shape.workflow_type)
    stored = documents.prepare(shape.workflow_type, _steps(shape, steps, role))
    versions = [
        definition.versions.create(
            number=number, display_name=shape.name, steps=stored, frozen_at=timezone.now()
        )
        for number in range(1, shape.versions + 1)
    ]
    definition.latest = definition.published = versions[-1]
    definition.save()
    return versions


def _steps(shape: Shape, count: int, role: Role) -> list[dict[str, Any]]:
    spec = registry.workflow_type(shape.workflow_type)
    own = count - bool(spec and spec.built_in_step)  # that one is added when the steps are stored
    names = ["StartNOOP", *(f"NOOP{number}" for number in range(2, own)), "EndNOOP"]
    names[place_of_approval(count) - 1] = APPROVAL
    following = [*names[1:], None]
    return [_step(name, then, role) for name, then in zip(names, following, strict=True)]


def _step(name: str, then: str | None, role: Role) -> dict[str, Any]:
    asks = name == APPROVAL
    return {
        "UniqueName": name,
        "DisplayName": "Approve" if asks else name,
        "ExtensionName": "RequireApproval" if asks else "NOOPStep",
        "Signals": [{"SignalName": "ApprovalStatus", "RoleIds": [role.pk]}] if asks else [],
        "Outputs": {"continue": then} if then else {},
    }
