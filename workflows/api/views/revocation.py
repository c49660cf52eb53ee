"""/Certificates/Revoke: one workflow a certificate, answered when they are done or wait (D17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework.response import Response

from workflows.actions import revocation
from workflows.actions.revocation import Revoked
from workflows.api import waiting
from workflows.api.enrollments import awaited
from workflows.api.headers import AGAIN_LATER
from workflows.api.serializers.certificates.answers import Revocation
from workflows.api.serializers.certificates.requests import RevocationRequest
from workflows.api.serializers.failures import RevocationFailure
from workflows.api.shapes import show
from workflows.api.views.base import View, operation, route
from workflows.errors import WorkflowFailed
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import FINISHED


class Revoke(View):
    @operation(
        body=RevocationRequest,
        answer=Revocation,
        permission=Permission.CERTIFICATES_REVOKE,
        failure=RevocationFailure,
        parameters=[AGAIN_LATER],
    )
    def post(self, body: dict[str, Any]) -> Response:
        """Revoke certificates; those whose workflow waits, for approvals or a date, are SuspendedCerts."""
        results = revocation.revoke(
            body["certificate_ids"],
            actor=self.actor,
            reason=body["reason"],
            comment=body["comment"],
            effective_at=body["effective_date"],
        )
        answer = _answer(results)
        if failed := [each for each in results if each.instance.status in FINISHED and not each.is_done]:
            raise _failure(failed, show(Revocation, answer, self.context))
        return waiting.answer(Revocation, answer, self.context, [each.instance for each in results])


def _answer(results: Iterable[Revoked]) -> dict[str, Any]:
    return {
        "revoked_ids": [each.certificate_id for each in results if each.is_done],
        "suspended_certs": [
            {"cert_id": each.certificate_id, "instance": each.instance, "message": awaited(each.instance)}
            for each in results
            if each.instance.status not in FINISHED
        ],
    }


def _failure(failed: Sequence[Revoked], others: dict[str, Any]) -> WorkflowFailed:
    """Says what became of the others, too: their revocations stand."""
    operations = [
        {
            "CertId": each.certificate_id,
            "WorkflowId": str(each.instance.guid),
            "Reason": each.instance.status_message,
        }
        for each in failed
    ]
    reasons = " ".join(dict.fromkeys(each.instance.status_message for each in failed))
    return WorkflowFailed(reasons, FailedOperations=operations, **others)


routes = [route("Certificates/Revoke", Revoke)]
