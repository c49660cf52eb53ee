"""A certificate has appeared in a certificate store."""

from __future__ import annotations

from workflows.engine.registry import register_workflow_type
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.store_events import StoreEvent


@register_workflow_type
class CertificateEnteredStore(StoreEvent):
    name = WorkflowType.CertificateEnteredStore
    display_name = "Certificate Entered Store"
    happening = "entered"
