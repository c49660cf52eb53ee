"""Revoke: mark the certificate revoked, with comment, reason and date from the current data."""

from __future__ import annotations

from workflows.actions import revocation
from workflows.engine.contracts import Effects, Outcome, StepContext, StepType
from workflows.engine.registry import register_step
from workflows.vocabulary.workflow_types import WorkflowType


@register_step
class RevokeStep(StepType):
    extension_name = "RevokeStep"
    display_name = "Revoke"
    summary = "Revokes the certificate at its CA; at most one in a definition, without conditions."
    effects = Effects.TRANSACTIONAL
    workflow_types = frozenset({WorkflowType.Revocation})
    once = True

    def run(self, context: StepContext) -> Outcome:
        return revocation.carry_out(context)
