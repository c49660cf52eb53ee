"""Instances as rows of lists and as the head of their pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.presenters.steps import workflow_type_label
from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.actions.instances import Successors
from workflows.models import Certificate, Instance
from workflows.vocabulary import messages
from workflows.vocabulary.statuses import InstanceStatus

SHOWN = ("record", "version__definition")
"""What `row` reads besides the instance itself."""

LIVE = (InstanceStatus.Running, InstanceStatus.Suspended)


@dataclass(frozen=True)
class PinnedDefinition:
    """The definition in the version that an instance began with."""

    name: str
    version: int
    is_current: bool


@dataclass(frozen=True)
class Row:
    """See `workflows/instances.html`, `components/my_table.html` and `workflows/instance.html`."""

    guid: UUID
    reference_id: int
    title: str
    status: InstanceStatus
    status_message: str
    current_step: str
    started: datetime
    last_modified: datetime
    initiator: str
    definition: PinnedDefinition
    type_label: str
    is_live: bool
    may_stop: bool
    may_restart: bool
    may_delete: bool
    may_signal: bool = False
    certificate_id: int | None = None


def row(
    instance: Instance,
    actor: Actor,
    *,
    certificate_id: int | None = None,
    may_signal: bool = False,
    successors: Successors | None = None,
) -> Row:
    """One instance with what the actor may do with it; lists know the `successors` of all."""
    version, record = instance.version, instance.record
    may = instances.abilities(instance, actor=actor, successors=successors)
    status = InstanceStatus(instance.status)
    return Row(
        guid=instance.guid,
        reference_id=instance.pk,
        title=record.title,
        status=status,
        status_message=instance.status_message,
        current_step=current_step(instance),
        started=instance.started_at,
        last_modified=instance.modified_at,
        initiator=record.initiating_user_name,
        definition=PinnedDefinition(
            version.display_name, version.number, version.definition.published_id == version.pk
        ),
        type_label=workflow_type_label(record.workflow_type),
        is_live=status in LIVE,
        may_stop=may.stop,
        may_restart=may.restart,
        may_delete=may.delete,
        may_signal=may_signal,
        certificate_id=certificate_id,
    )


def current_step(instance: Instance) -> str:
    """Where it stands or ended; nothing for one that was refused before its first step."""
    words = messages.pre_process_failed("")  # EnrollStep says the same, but is not the first step
    is_refused = instance.status_message.startswith(words) and instance.step_name == "StartNOOP"
    return "" if is_refused else instance.step_display_name


def rows(found: Sequence[Instance], actor: Actor) -> list[Row]:
    """Rows of a list; one query for all."""
    successors = instances.successors_of(found)
    return [row(each, actor, successors=successors) for each in found]


def rows_with_certificates(found: Iterable[Instance], actor: Actor) -> list[Row]:
    """Rows with the ids of the certificates that came of them; two queries for all."""
    found = list(found)
    successors = instances.successors_of(found)
    requests = [instance.request_id for instance in found if instance.request_id is not None]
    issued = dict(Certificate.objects.filter(request__in=requests).values_list("request_id", "pk"))
    return [
        row(each, actor, certificate_id=issued.get(each.request_id or 0), successors=successors)
        for each in found
    ]
