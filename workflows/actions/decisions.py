"""What a person has approved and denied: his to read, whatever became of the instance since."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.models import SignalDecision
from workflows.vocabulary.permissions import Permission

_UNREAD = ("instance__data", "instance__record__initial_data", "instance__version__steps")


def past_decisions(actor: Actor) -> QuerySet[SignalDecision]:
    """The actor's own answers, the newest first, with their instances; they go when the instance is deleted.

    The right to read what is assigned to oneself is enough, also once the instance has gone on. Raises
    PermissionMissing.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_READ, Permission.WORKFLOW_INSTANCES_READ_PENDING)
    own = Q(user=actor.user_id) if actor.user_id else Q(pk__in=[])
    rows = SignalDecision.objects.filter(own).order_by("-decided_at", "-pk")
    return rows.select_related("instance__record", "instance__version__definition").defer(*_UNREAD)
