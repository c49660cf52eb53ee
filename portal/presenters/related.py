"""Instances that a restart ties together (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.reaching import reachable_among
from workflows.engine import standing
from workflows.models import Instance
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus


@dataclass(frozen=True)
class Related:
    relation: str
    guid: UUID
    title: str
    status: InstanceStatus
    reference_id: int


def related(instance: Instance, actor: Actor) -> list[Related]:
    """What it was restarted from, and as what it was restarted, as far as the actor may see them."""
    rows = policies.restrict(Instance.objects.all(), actor, Permission.WORKFLOW_INSTANCES_READ)
    origins = rows.filter(restarts__instance=instance)
    restarts = rows.filter(record__restarted_from=instance)
    return [*_rows(_("Restarted from"), origins), *_rows(_("Restarted as"), restarts)]


def _rows(relation: str, tied: QuerySet[Instance]) -> list[Related]:
    return [
        related_row(relation, each) for each in tied.select_related("record").defer("data").order_by("pk")
    ]


@dataclass(frozen=True)
class Successor:
    """The instance that goes on in the place of a restarted one; `guid` where the actor may open it."""

    reference_id: int
    guid: UUID | None


def successor(instance: Instance, actor: Actor) -> Successor | None:
    last = standing.successor(instance)
    if last is None:
        return None
    return Successor(last.pk, last.guid if reachable_among([last], actor) else None)


def related_row(relation: str, other: Instance) -> Related:
    status = InstanceStatus(other.status)
    return Related(relation, other.guid, other.record.title, status, other.pk)
