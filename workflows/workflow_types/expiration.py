"""A certificate comes near its end, as an expiration alert has it watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.engine.registry import register_workflow_type
from workflows.engine.workflow_type import Alias, WorkflowTypeSpec
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types import certificates
from workflows.workflow_types.keys import id_key


@register_workflow_type
class Expiration(WorkflowTypeSpec):
    """The data is `{"AlertId": …, "CertificateId": …}` (workflow-instances.md, 1.4)."""

    name = WorkflowType.Expiration
    display_name = "Expiration"
    key_type = "ExpirationAlert"
    context_parameters = (
        "alertId",
        "certid",
        "cn",
        "expdate",
        "issuancedate",
        "metadata",
        "ownerroleemail",
        "thumbprint",
    )
    aliases: ClassVar[Mapping[str, Alias]] = {
        **certificates.TOKENS,
        "alertId": lambda data: data["AlertId"],
    }
    brings = ("CertificateId", "CommonName")

    def key_display_name(self, key: str) -> str:
        return id_key(key, "an expiration alert")

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        return f"{user_name} is handling the expiration of {certificates.in_words(data)}."
