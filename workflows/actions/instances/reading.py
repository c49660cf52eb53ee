"""Looking at instances: by name, and in lists."""

from __future__ import annotations

import re
import uuid

from django.db.models import QuerySet

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.instances import rows
from workflows.errors import InvalidInput
from workflows.models import Instance
from workflows.models.instances import InstanceName
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

_GUID = re.compile(r"\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?", re.IGNORECASE)
_REFERENCE_ID = re.compile(r"[0-9]{1,18}", re.ASCII)  # fits into a bigint


def parse_name(text: str) -> InstanceName:
    """The GUID or the ReferenceId that `text` is. Raises InvalidInput for anything else."""
    if _REFERENCE_ID.fullmatch(text):
        return int(text)
    if _GUID.fullmatch(text):
        return uuid.UUID(text)
    raise InvalidInput(
        f"'{text[:60]}' is neither a GUID nor a whole number of at most 18 digits. "
        "Use the instance's Id, or its ReferenceId; GET /Workflow/Instances lists both."
    )


def visible(name: InstanceName, *, actor: Actor, among: QuerySet[Instance] | None = None) -> Instance:
    """The instance, if the actor may see it; raises PermissionMissing or NotFound (D19).

    `among` says how it is read, where all that belongs to it is more than is needed.
    """
    wanted = Instance.objects.select_related("record", "version__definition") if among is None else among
    return rows.named(policies.restrict(wanted, actor, Permission.WORKFLOW_INSTANCES_READ), name)


def listed(status: InstanceStatus | None, *, actor: Actor) -> QuerySet[Instance]:
    """The instances the actor may see, of one status or all, the newest first and without their data."""
    readable = policies.restrict(Instance.objects.order_by("-pk"), actor, Permission.WORKFLOW_INSTANCES_READ)
    wanted = readable if status is None else readable.filter(status=status)
    return wanted.select_related("record").defer("data", "record__initial_data")
