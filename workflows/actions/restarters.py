"""Who restarted an instance: a user, or whoever typed the command, whom the audit log alone names."""

from __future__ import annotations

from workflows.models import AuditEntry, Instance
from workflows.vocabulary.auditing import Operation


def restarted_by(instance: Instance) -> str | None:
    """None for one that is no restart, and where the audit log has forgotten who it was."""
    record = instance.record
    if record.restarted_by is not None:
        return record.restarted_by.account_name
    return _in_the_audit_log(instance) if record.restarted_from_id is not None else None


def _in_the_audit_log(instance: Instance) -> str | None:
    rows = AuditEntry.objects.filter(immutable_identifier=str(instance.guid), operation=Operation.Restarted)
    made = rows.filter(after__has_key="RestartedFrom").order_by("-pk")
    return made.values_list("user_name", flat=True).first()
