"""What the two types about certificate stores share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.engine.workflow_type import Alias, WorkflowTypeSpec
from workflows.workflow_types import certificates
from workflows.workflow_types.keys import store_name


class StoreEvent(WorkflowTypeSpec):
    """A certificate and a store. Besides `CertificateId` the data says where: `CertificateStoreId`,
    `ContainerId`, `ClientMachine`, `Container`, `StorePath` (workflow-instances.md, 1.4)."""

    key_type = "CertificateStoreType"
    context_parameters = (
        "certid",
        "certstoreclientmachine",
        "certstorecontainer",
        "certstoreid",
        "certstorepath",
        "cn",
        "dn",
        "metadata",
        "thumbprint",
    )
    aliases: ClassVar[Mapping[str, Alias]] = {
        **certificates.TOKENS,
        "certstoreclientmachine": lambda data: data["ClientMachine"],
        "certstorecontainer": lambda data: data["Container"],
        "certstoreid": lambda data: data["CertificateStoreId"],
        "certstorepath": lambda data: data["StorePath"],
    }
    brings = (
        "CertificateId",
        "CertificateStoreId",
        "ClientMachine",
        "CommonName",
        "Container",
        "ContainerId",
        "StorePath",
    )
    happening: ClassVar[str]

    def key_display_name(self, key: str) -> str:
        return store_name(key)

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        certificate = certificates.in_words(data)
        return f"{user_name} is handling {certificate}, which {self.happening} a certificate store."
