"""A certificate has begun to match a collection."""

from __future__ import annotations

from workflows.engine.registry import register_workflow_type
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.collection_events import CollectionEvent


@register_workflow_type
class CertificateEnteredCollection(CollectionEvent):
    name = WorkflowType.CertificateEnteredCollection
    display_name = "Certificate Entered Collection"
    happening = "entered"
