"""Enroll: issue the certificate, in the transaction that completes the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.actions import issuance
from workflows.engine.contracts import Effects, Outcome, StepContext, StepType
from workflows.engine.registry import register_step
from workflows.vocabulary.workflow_types import WorkflowType

# What issuance adds to the data (workflow-instances.md, 1.4).
ISSUED = frozenset(
    {
        "CACertificate",
        "CACertificateRequest",
        "CertificateChainContent",
        "Disposition",
        "DispositionMessage",
        "EnrollStepExecuted",
        "IssuerDN",
        "KeyfactorId",
        "KeyStatus",
        "RawCertificate",
        "RequestDisposition",
        "SerialNumber",
        "Thumbprint",
    }
)


@register_step
class EnrollStep(StepType):
    extension_name = "EnrollStep"
    display_name = "Enroll"
    summary = "Submits the request to the CA; at most one in a definition, without conditions."
    effects = Effects.TRANSACTIONAL
    workflow_types = frozenset({WorkflowType.Enrollment})
    signs = True
    once = True
    is_joint = True

    def is_slow(self, context: StepContext) -> bool:
        """Making an RSA key takes up to seconds."""
        return bool(context.data.get("IsPFX"))

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        return ISSUED

    def run(self, context: StepContext) -> Outcome:
        return self.run_all([context])[0]

    def run_all(self, contexts: Sequence[StepContext]) -> list[Outcome]:
        return issuance.issue_all(contexts)
