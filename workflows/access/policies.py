"""What an actor may do, and which rows he may see (D14, D19).

`require` refuses with 403 when no permission is held; `restrict` leaves out rows outside the scope, so that
they are 404. No edge makes a queryset of instances or certificates in another way.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from workflows.access.actors import Actor
from workflows.errors import PermissionMissing
from workflows.models import Instance
from workflows.models.signals import EXCLUDED
from workflows.vocabulary.permissions import Permission, area_and_permission

M = TypeVar("M", bound=Model)

INSTANCE_READS = (
    Permission.WORKFLOW_INSTANCES_READ,
    Permission.WORKFLOW_INSTANCES_READ_MINE,
    Permission.WORKFLOW_INSTANCES_READ_PENDING,
)
DEFINITION_READS = (Permission.WORKFLOW_DEFINITIONS_READ, Permission.WORKFLOW_DEFINITIONS_MODIFY)

# Written out, because every page of the portal and of Assigned to Me asks it: the ORM needs longer to put it
# together than PostgreSQL to answer it.
_WAITING = f"""
    SELECT p.instance_id FROM workflows_pendingsignal AS p
    WHERE p.role_id = ANY(%s) AND NOT EXISTS (
        SELECT FROM workflows_signaldecision AS d
        WHERE d.instance_id = p.instance_id AND d.step_name = p.step_name AND d.user_id = %s
    ) AND %s <> ALL({EXCLUDED})
"""  # noqa: S608 - made of constants

_NEWEST_WAITING = f"""
    SELECT DISTINCT instance_id FROM ({_WAITING}) AS waiting ORDER BY instance_id DESC LIMIT %s
"""  # noqa: S608 - made of constants


def require(actor: Actor, *permissions: str) -> None:
    """Refuse unless one of `permissions` is held. Raises PermissionMissing with the reference's words."""
    if not any(actor.may(permission) for permission in permissions):
        wanted = ", ".join(area_and_permission(permission) for permission in permissions)
        raise PermissionMissing(
            f"{actor.name} does not have any of the required permissions: {wanted}. "
            "Ask an administrator for a role that grants it."
        )


def restrict(queryset: QuerySet[M], actor: Actor, permission: str) -> QuerySet[M]:
    """The rows of `queryset` that `permission` lets `actor` touch; refuses when it lets him touch none."""
    if queryset.model is Instance and permission == Permission.WORKFLOW_INSTANCES_READ:
        require(actor, *INSTANCE_READS)
        return queryset.filter(_readable_instances(actor))
    require(actor, permission)
    return queryset


def reads_definitions(actor: Actor) -> bool:
    """Whether he may see how steps are configured; who only sees an instance learns what they are called."""
    return any(actor.may(permission) for permission in DEFINITION_READS)


def assigned_to(actor: Actor) -> Q:
    """Instances that now wait for a signal this actor may send: his role, not yet answered, not his own.

    Begins at the few signals that are awaited, never at the many instances.
    """
    if not _is_ever_asked(actor):
        return Q(pk__in=[])
    return Q(pk__in=RawSQL(_WAITING, _who_waits(actor)))  # noqa: S611 - all are parameters


def assigned_ids(actor: Actor, most: int) -> list[int]:
    """The ids of `assigned_to`, the newest first and at most so many; the instances are not read."""
    if not _is_ever_asked(actor):
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_WAITING, [*_who_waits(actor), most])
        return [id_ for (id_,) in cursor.fetchall()]


def created_by(actor: Actor) -> Q:
    return Q(initiator=actor.user_id) if actor.user_id else Q(pk__in=[])


def _is_ever_asked(actor: Actor) -> bool:
    return actor.user_id is not None and actor.is_person


def _who_waits(actor: Actor) -> list[Any]:
    return [list(actor.role_ids), actor.user_id, actor.user_id]


def _readable_instances(actor: Actor) -> Q:
    if actor.may(Permission.WORKFLOW_INSTANCES_READ):
        return Q()
    rows = Q(pk__in=[])
    if actor.may(Permission.WORKFLOW_INSTANCES_READ_MINE):
        rows |= created_by(actor)
    if actor.may(Permission.WORKFLOW_INSTANCES_READ_PENDING):
        rows |= assigned_to(actor)
    return rows
