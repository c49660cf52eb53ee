"""A certificate has disappeared from a certificate store."""

from __future__ import annotations

from workflows.engine.registry import register_workflow_type
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.store_events import StoreEvent


@register_workflow_type
class CertificateLeftStore(StoreEvent):
    name = WorkflowType.CertificateLeftStore
    display_name = "Certificate Left Store"
    happening = "left"
