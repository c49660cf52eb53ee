"""What only the database can promise: audit rows never change, frozen versions keep their steps."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION workflows_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or deleted';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON workflows_auditentry
    FOR EACH ROW EXECUTE FUNCTION workflows_audit_is_append_only();
"""

FROZEN = """
CREATE FUNCTION workflows_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % is frozen; save a new one', OLD.number;
END $$;
CREATE TRIGGER version_is_frozen BEFORE UPDATE ON workflows_definitionversion
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL AND OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION workflows_version_is_frozen();
"""

# The hot table keeps room on each page, so that an update can stay on it.
ROOM_FOR_UPDATES = "ALTER TABLE workflows_instance SET (fillfactor = 80)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER audit_is_append_only ON workflows_auditentry;"
            "DROP FUNCTION workflows_audit_is_append_only;",
        ),
        migrations.RunSQL(
            FROZEN,
            "DROP TRIGGER version_is_frozen ON workflows_definitionversion;"
            "DROP FUNCTION workflows_version_is_frozen;",
        ),
        migrations.RunSQL(ROOM_FOR_UPDATES, "ALTER TABLE workflows_instance RESET (fillfactor)"),
    ]
