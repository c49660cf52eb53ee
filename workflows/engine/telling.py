"""Telling subscribers of a change: a delivery is written in the transaction of the change, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workflows.models import sql
from workflows.vocabulary.statuses import InstanceStatus

# By number, for the wire's names.
_NAMES = [status.name for status in sorted(InstanceStatus)]

# What the message says is how the instance stands now: it may be another, or gone, when it is sent.
_TELL = """
    INSERT INTO workflows_webhookdelivery
        (guid, subscription_id, change, data, created_at, due_at, state, attempts, error)
    SELECT gen_random_uuid(), s.id, i.status, jsonb_build_object(
            'InstanceId', i.guid, 'ReferenceId', i.id, 'Status', (%s::text[])[i.status + 1],
            'StatusMessage', i.status_message, 'Title', r.title, 'WorkflowType', d.workflow_type,
            'DefinitionId', d.guid, 'Definition', v.display_name, 'Version', v.number,
            'Step', i.step_name, 'StepDisplayName', i.step_display_name,
            'KeyfactorRequestId', i.request_id, 'CertificateId', COALESCE(i.certificate_id, (
                SELECT c.id FROM workflows_certificate AS c WHERE c.request_id = i.request_id
            )),
            'AwaitedRoles', (
                SELECT COALESCE(jsonb_agg(DISTINCT role.name), '[]'::jsonb)
                FROM workflows_pendingsignal AS p JOIN workflows_role AS role ON role.id = p.role_id
                WHERE p.instance_id = i.id
            )
        ), %s, %s, 0, 0, ''
    FROM workflows_instance AS i
    JOIN workflows_instancerecord AS r ON r.instance_id = i.id
    JOIN workflows_definitionversion AS v ON v.id = i.version_id
    JOIN workflows_definition AS d ON d.id = v.definition_id
    JOIN workflows_subscription AS s ON s.enabled AND i.status = ANY(s.changes)
        AND (s.definition_id IS NULL OR s.definition_id = d.id)
    WHERE i.id = ANY(%s::bigint[])
    ORDER BY i.id, s.id
"""


def tell(instance_ids: Sequence[int], now: datetime) -> None:
    """Queue a message to everybody who wants to know that these instances have come to their statuses."""
    if instance_ids:
        sql.execute(_TELL, (_NAMES, now, now, list(instance_ids)))
