"""Tables, constraints and querysets; one file a subject."""

from __future__ import annotations

from workflows.models.app_settings import AppSettingValue
from workflows.models.auditing import AuditEntry
from workflows.models.authorities import CertificateAuthority, CertificateRevocationList, PrivateKey
from workflows.models.certificates import Certificate, CertificateOperation, CertificateRequest
from workflows.models.definitions import Definition, DefinitionKey, DefinitionRevision, DefinitionVersion
from workflows.models.events import Event, EventDelivery
from workflows.models.housekeeping import PurgeRun
from workflows.models.instances import (
    AwaitedInstance,
    Instance,
    InstanceRecord,
    StepRun,
    StopRequest,
)
from workflows.models.notifications import Notification, NotificationStatus
from workflows.models.people import ApiToken, LoginFailures, Role, User
from workflows.models.scripts import Script
from workflows.models.searches import SavedSearch
from workflows.models.signals import PendingSignal, SignalDecision
from workflows.models.subscriptions import DeliveryState, Subscription, WebhookDelivery
from workflows.models.templates import CertificateTemplate, MetadataField, TemplateRegex

__all__ = [
    "ApiToken",
    "AppSettingValue",
    "AuditEntry",
    "AwaitedInstance",
    "Certificate",
    "CertificateAuthority",
    "CertificateOperation",
    "CertificateRequest",
    "CertificateRevocationList",
    "CertificateTemplate",
    "Definition",
    "DefinitionKey",
    "DefinitionRevision",
    "DefinitionVersion",
    "DeliveryState",
    "Event",
    "EventDelivery",
    "Instance",
    "InstanceRecord",
    "LoginFailures",
    "MetadataField",
    "Notification",
    "NotificationStatus",
    "PendingSignal",
    "PrivateKey",
    "PurgeRun",
    "Role",
    "SavedSearch",
    "Script",
    "SignalDecision",
    "StepRun",
    "StopRequest",
    "Subscription",
    "TemplateRegex",
    "User",
    "WebhookDelivery",
]
