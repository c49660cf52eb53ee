"""Subscriptions: who is told of changes by signed messages (docs/how-to/receive-webhooks.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.duplicates import refused_when_taken
from workflows.actions.freshness import check_seen, etag_of
from workflows.connectors import webhooks
from workflows.encryption import Secret, decrypt, encrypt
from workflows.errors import InvalidInput, NotFound
from workflows.models import Definition, DeliveryState, Subscription, WebhookDelivery
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

CHANGES = tuple(
    status for status in InstanceStatus if status not in (InstanceStatus.Unknown, InstanceStatus.Running)
)
LONGEST_URL = 2000
_PLACE = {"table": "subscription", "field": "secret"}


def visible(actor: Actor) -> QuerySet[Subscription]:
    """Every subscription, with `queued`, the number of messages on their way. Raises PermissionMissing."""
    queued = WebhookDelivery.objects.filter(subscription=OuterRef("pk"), state=DeliveryState.Queued)
    count = queued.order_by().values("subscription").annotate(count=Count("pk")).values("count")
    rows = Subscription.objects.select_related("definition__latest").annotate(
        queued=Coalesce(Subquery(count), 0)
    )
    return policies.restrict(rows, actor, Permission.APPLICATION_SETTINGS_READ)


def find(guid: UUID, *, actor: Actor) -> Subscription:
    """One subscription. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).filter(guid=guid).first(), guid)


def deliveries(guid: UUID, *, actor: Actor) -> QuerySet[WebhookDelivery]:
    """Its messages, the newest first. Raises PermissionMissing, NotFound."""
    return find(guid, actor=actor).deliveries.order_by("-pk")


def create(
    *, actor: Actor, secret: Secret[str] | None, definition: UUID | None = None, **values: Any
) -> Subscription:
    """A new subscription of `name`, `url`, `changes` and `enabled`. Raises InvalidInput, DuplicateKey."""
    policies.require(actor, Permission.APPLICATION_SETTINGS_MODIFY)
    if secret is None:
        raise InvalidInput('Secret is required: {"SecretValue": "whsec_…"}.')
    row = Subscription()
    with transaction.atomic():
        _apply(row, values | {"secret": secret, "definition": definition})
        _audit(Operation.Created, row, actor, after=summary(row))
    return row


def update(guid: UUID, *, actor: Actor, expected: str | None = None, **values: Any) -> Subscription:
    """Change what is given; a `secret` of None keeps it. What is queued is tried again at once.

    Raises VersionConflict unless `expected` is its etag, InvalidInput, DuplicateKey.
    """
    policies.require(actor, Permission.APPLICATION_SETTINGS_MODIFY)
    with transaction.atomic():
        row = _locked(guid)
        check_seen(expected, _state(row))
        before = summary(row)
        _apply(row, values)
        row.deliveries.filter(state=DeliveryState.Queued).update(due_at=timezone.now())
        _audit(Operation.Updated, row, actor, before=before, after=summary(row))
    return row


def delete(guid: UUID, *, actor: Actor, expected: str | None = None) -> None:
    """Delete it with all that it was and would have been told."""
    policies.require(actor, Permission.APPLICATION_SETTINGS_MODIFY)
    with transaction.atomic():
        row = _locked(guid)
        check_seen(expected, _state(row))
        _audit(Operation.Deleted, row, actor, before=summary(row))
        row.delete()


def etag(row: Subscription) -> str:
    return etag_of(_state(row))


def key_of(row: Subscription) -> bytes:
    """The key that signs its messages. Raises SecretUnreadable, InvalidInput."""
    return _key(Secret(decrypt(row.secret, row=row.guid, **_PLACE).decode()))


def summary(row: Subscription) -> dict[str, Any]:
    """What audit entries say of it: no secret, and nothing of the URL behind its path."""
    parts = urlsplit(row.url)
    return {
        "Name": row.name,
        "URL": parts._replace(query="…" if parts.query else "", fragment="").geturl(),
        "Changes": [InstanceStatus(number).name for number in row.changes],
        "Definition": str(row.definition.guid) if row.definition else None,
        "Enabled": row.enabled,
    }


def _state(row: Subscription) -> dict[str, Any]:
    return {**summary(row), "URL": row.url, "Secret": bytes(row.secret).hex()}


def _apply(row: Subscription, values: dict[str, Any]) -> None:
    if (url := values.get("url", row.url)) != row.url:
        _check_url(url)
    for name in ("name", "url", "enabled"):
        setattr(row, name, values.get(name, getattr(row, name)))
    if "changes" in values:
        row.changes = sorted({int(each) for each in values["changes"]})
    if "definition" in values:
        row.definition = _definition(values["definition"])
    if values.get("secret") is not None:
        _key(values["secret"])
        row.secret = encrypt(values["secret"].reveal().strip().encode(), row=row.guid, **_PLACE)
    _check(row)
    row.failures, row.paused_until = 0, None
    taken = f"There is another subscription named {row.name}. Choose another name, or change that one."
    with refused_when_taken("subscription_name_is_unique", taken):
        row.save()


def _check(row: Subscription) -> None:
    if not row.name.strip():
        raise InvalidInput("Name must not be empty.")
    _check_changes(row.changes)


def _check_url(url: str) -> None:
    """Of a new one only: another subscription stays as it is when the outbound settings change."""
    if len(url) > LONGEST_URL:
        raise InvalidInput(f"URL must have at most {LONGEST_URL} characters.")
    webhooks.check_url(url, settings.OUTBOUND_POLICY)


def _check_changes(changes: Sequence[int]) -> None:
    if not changes or set(changes) - set(CHANGES):
        names = ", ".join(status.name for status in CHANGES)
        raise InvalidInput(f"Changes must be one or more of {names}.")


def _key(secret: Secret[str]) -> bytes:
    key = webhooks.key_of(secret)
    if key is None:
        raise InvalidInput("Secret must be whsec_ and 24 to 64 octets in base64.")
    return key


def _definition(guid: UUID | None) -> Definition | None:
    if guid is None:
        return None
    found = Definition.objects.filter(guid=guid, deleted_at__isnull=True).first()
    if found is None:
        raise InvalidInput(f"DefinitionId: there is no workflow definition {guid}.")
    return found


def _locked(guid: UUID) -> Subscription:
    rows = Subscription.objects.select_related("definition").select_for_update(of=("self",))
    return _found(rows.filter(guid=guid).first(), guid)


def _found(row: Subscription | None, guid: UUID) -> Subscription:
    if row is None:
        raise NotFound(f"There is no subscription with id {guid}.")
    return row


def _audit(operation: Operation, row: Subscription, actor: Actor, **states: Any) -> None:
    audit.record(operation, Category.Subscription, actor=actor, name=row.name, identifier=row.guid, **states)
