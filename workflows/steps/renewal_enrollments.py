"""Which enrollment a renewal waits for: one that issues at most, whatever is restarted."""

from __future__ import annotations

import uuid

from django.db import OperationalError, transaction
from psycopg import errors as postgres

from workflows.engine.contracts import StepContext
from workflows.models import Certificate, Instance, InstanceRecord
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.statuses import FINISHED, InstanceStatus


class InOtherHands(Exception):
    """Somebody is at work on an enrollment, and a worker waits for no instance (`engine/claiming.py`)."""


def output(context: StepContext) -> str:
    """The name under which the data holds the GUID of the enrollment."""
    return f"{context.step.unique_name}_instance"


def awaited(context: StepContext) -> Instance | None:
    """The one that the step waits for; where that was restarted while it lived, the one in its place."""
    rows = Instance.objects.select_related("request")
    found = rows.filter(guid=context.data.get(output(context)) or context.idempotency_key).first()
    while found is not None and found.status == InstanceStatus.CanceledForRestart:
        found = rows.filter(record__restarted_from=found).order_by("-pk").first()
    return found


def earlier(context: StepContext) -> Instance | None:
    """One that lives or has issued, begun by an instance that restarts tie to this one.

    It is locked, so that it does not end before somebody waits for it. Raises InOtherHands.
    """
    for other in _relatives(context.instance.id):
        begun = other.data.get(output(context)) or uuid.uuid5(other.guid, context.step.unique_name)
        found = _free(begun)
        if found is not None and (found.status not in FINISHED or issued(found)):
            return found
    return None


def issued(enrollment: Instance) -> Certificate | None:
    """Its certificate; one that was revoked counts as none."""
    if enrollment.request is None:
        return None
    return enrollment.request.certificates.exclude(state=CertificateState.Revoked).first()


def _relatives(instance_id: int) -> list[Instance]:
    """The newest first. They have ended: restarts of one request never run side by side."""
    root = _root(instance_id)
    if root == instance_id:
        return []
    found = latest = list(Instance.objects.filter(pk=root))
    while latest:
        latest = list(Instance.objects.filter(record__restarted_from__in=latest).exclude(pk=instance_id))
        found = latest + found
    return sorted(found, key=lambda each: each.pk, reverse=True)


def _root(instance_id: int) -> int:
    records = InstanceRecord.objects.values_list("restarted_from_id", flat=True)
    while origin := records.get(pk=instance_id):
        instance_id = origin
    return instance_id


def _free(guid: uuid.UUID | str) -> Instance | None:
    try:
        with transaction.atomic():
            return _last(guid)
    except OperationalError as error:
        if isinstance(error.__cause__, postgres.LockNotAvailable):
            raise InOtherHands from error
        raise


def _last(guid: uuid.UUID | str) -> Instance | None:
    """The enrollment or what it was restarted as, by whomever and after whatever end."""
    rows = Instance.objects.select_for_update(no_key=True, of=("self",), nowait=True)
    found = rows.filter(guid=guid).first()
    while found is not None and found.status in FINISHED:
        following = rows.filter(record__restarted_from=found).order_by("-pk").first()
        if following is None:
            break
        found = following
    return found
