"""What the two types about collections share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.workflow_types import certificates
from workflows.workflow_types.keys import id_key


class CollectionEvent(WorkflowTypeSpec):
    """A certificate and a collection; the data is `{"CertificateId": …}` (workflow-instances.md, 1.4)."""

    key_type = "CertificateCollection"
    context_parameters = (
        "approvalsignalcmnts",
        "CA",
        "certid",
        "cn",
        "dn",
        "metadata",
        "Template",
        "thumbprint",
    )
    aliases = certificates.TOKENS
    later = frozenset({"approvalsignalcmnts"})
    brings = ("CertificateId", "CommonName")
    happening: ClassVar[str]

    def key_display_name(self, key: str) -> str:
        return id_key(key, "a certificate collection")

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        return f"{user_name} is handling {certificates.in_words(data)}, which {self.happening} a collection."
