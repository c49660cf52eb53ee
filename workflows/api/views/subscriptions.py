"""/Workflow/Subscriptions: servers that are told of changes by signed messages (our addition)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from workflows.actions import subscriptions
from workflows.api import paths
from workflows.api.serializers import subscriptions as shapes
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import DeliveryState, Subscription, WebhookDelivery
from workflows.search import kinds
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

READ, MODIFY = Permission.APPLICATION_SETTINGS_READ, Permission.APPLICATION_SETTINGS_MODIFY
FIELDS = Fields([Field("Name", "name"), Field("URL", "url"), Field("Enabled", "enabled", kinds.Boolean())])
DELIVERIES = Fields(
    [
        Field("CreatedOn", "created_at", kinds.Date()),
        Field("State", "state", kinds.Enum.of(DeliveryState)),
        Field("Change", "change", kinds.Enum.of(InstanceStatus)),
    ]
)


class Subscriptions(View):
    @listing(shapes.SubscriptionAnswer, fields=FIELDS, sort="Name", permission=READ)
    def get(self) -> QuerySet[Subscription]:
        """Who is told of changes, and how the last message fared."""
        return subscriptions.visible(self.actor)

    @operation(
        body=shapes.SubscriptionCreate,
        answer=shapes.SubscriptionAnswer,
        permission=MODIFY,
        etag=subscriptions.etag,
    )
    def post(self, body: dict[str, Any]) -> Subscription:
        """Subscribe a server to changes from now on."""
        return subscriptions.create(actor=self.actor, **body)


class OneSubscription(View):
    @operation(answer=shapes.SubscriptionAnswer, permission=READ, etag=subscriptions.etag)
    def get(self, subscription_id: str) -> Subscription:
        """One subscription; its secret is never shown."""
        return subscriptions.find(_guid(subscription_id), actor=self.actor)

    @operation(
        body=shapes.SubscriptionUpdate,
        answer=shapes.SubscriptionAnswer,
        permission=MODIFY,
        etag=subscriptions.etag,
        if_match=True,
    )
    def put(self, subscription_id: str, body: dict[str, Any], expected: str | None) -> Subscription:
        """Change a subscription; what is left out stays, and what is queued is tried again at once."""
        return subscriptions.update(_guid(subscription_id), actor=self.actor, expected=expected, **body)

    @operation(permission=MODIFY, if_match=True)
    def delete(self, subscription_id: str, expected: str | None) -> None:
        """Delete a subscription with its messages."""
        subscriptions.delete(_guid(subscription_id), actor=self.actor, expected=expected)


class Deliveries(View):
    @listing(shapes.DeliveryAnswer, fields=DELIVERIES, sort="-CreatedOn", permission=READ)
    def get(self, subscription_id: str) -> QuerySet[WebhookDelivery]:
        """Its messages of the last two weeks, the newest first."""
        return subscriptions.deliveries(_guid(subscription_id), actor=self.actor)


def _guid(text: str) -> UUID:
    return paths.guid(text, "Use the subscription's Id; GET /Workflow/Subscriptions lists all.")


routes = [
    route("Workflow/Subscriptions", Subscriptions),
    route("Workflow/Subscriptions/<str:subscription_id>", OneSubscription),
    route("Workflow/Subscriptions/<str:subscription_id>/Deliveries", Deliveries),
]
