"""A CRL is about to expire or has expired, or an OCSP responder does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.engine.registry import register_workflow_type
from workflows.engine.workflow_type import Alias, WorkflowTypeSpec
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.keys import id_key


@register_workflow_type
class RevocationMonitoring(WorkflowTypeSpec):
    """The data is `AlertId`, `Status` (such as `Expired`), `Subject` (a sentence) and `URL`."""

    name = WorkflowType.RevocationMonitoring
    display_name = "Revocation Monitoring"
    key_type = "RevocationMonitoringAlert"
    context_parameters = ("alertId", "status", "subject", "url")
    aliases: ClassVar[Mapping[str, Alias]] = {
        "alertId": lambda data: data["AlertId"],
        "status": lambda data: data["Status"],
        "subject": lambda data: data["Subject"],
        "url": lambda data: data["URL"],
    }

    def key_display_name(self, key: str) -> str:
        return id_key(key, "a revocation monitoring location")

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        return f"{user_name} is handling the state {data.get('Status')} of {data.get('URL')}."
