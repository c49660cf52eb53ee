"""Instances that a restart ties together (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus


@dataclass(frozen=True)
class Related:
    relation: str
    guid: UUID
    title: str
    status: InstanceStatus
    reference_id: int


def related(instance: Instance) -> list[Related]:
    """What it was restarted from, and as what it was restarted."""
    origin = instance.record.restarted_from
    later = Instance.objects.filter(record__restarted_from=instance).select_related("record").order_by("pk")
    return [
        *([related_row(_("Restarted from"), origin)] if origin else []),
        *(related_row(_("Restarted as"), each) for each in later),
    ]


def related_row(relation: str, other: Instance) -> Related:
    status = InstanceStatus(other.status)
    return Related(relation, other.guid, other.record.title, status, other.pk)
