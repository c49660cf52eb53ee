"""A certificate no longer matches a collection."""

from __future__ import annotations

from workflows.engine.registry import register_workflow_type
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.collection_events import CollectionEvent


@register_workflow_type
class CertificateLeftCollection(CollectionEvent):
    name = WorkflowType.CertificateLeftCollection
    display_name = "Certificate Left Collection"
    happening = "left"
