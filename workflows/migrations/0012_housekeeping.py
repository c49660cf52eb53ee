"""Runs of the housekeeping, and the one way by which old audit entries leave the table.

Rows are deleted only in one statement whose result an entry in the same table describes exactly: how many
entries, and the last of them. So nothing leaves without a trace that carries our key.
"""

from __future__ import annotations

from django.db import migrations, models

TOMBSTONES = """
CREATE FUNCTION workflows_audit_leaves_a_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    removed bigint; last_id bigint; newest timestamptz;
BEGIN
    SELECT count(*), max(id), max("timestamp") INTO removed, last_id, newest FROM gone;
    IF removed > 0 AND NOT EXISTS (
        SELECT FROM workflows_auditentry AS t
        WHERE t.immutable_identifier = 'audit-retention' AND t.category = 3008 AND t.operation = 3
            AND t.id > last_id
            AND (t.after->>'Count')::bigint = removed
            AND (t.after->>'LastId')::bigint = last_id
            AND (t.after->>'Before')::timestamptz > newest
    ) THEN
        RAISE EXCEPTION 'audit entries are never changed or deleted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_leaves_a_tombstone AFTER DELETE ON workflows_auditentry
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION workflows_audit_leaves_a_tombstone();
DROP TRIGGER audit_is_append_only ON workflows_auditentry;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON workflows_auditentry
    FOR EACH ROW EXECUTE FUNCTION workflows_audit_is_append_only();
"""

# A role of the application that may not delete audit rows itself may call this.
FORGET = """
CREATE FUNCTION workflows_forget_audit(up_to bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    removed bigint;
BEGIN
    DELETE FROM workflows_auditentry WHERE id <= up_to;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
"""

BACK = """
DROP FUNCTION workflows_forget_audit(bigint);
DROP TRIGGER audit_leaves_a_tombstone ON workflows_auditentry;
DROP FUNCTION workflows_audit_leaves_a_tombstone;
DROP TRIGGER audit_is_append_only ON workflows_auditentry;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON workflows_auditentry
    FOR EACH ROW EXECUTE FUNCTION workflows_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0011_app_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="PurgeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user_name", models.CharField(max_length=200)),
                (
                    "cutoff",
                    models.DateTimeField(
                        help_text="What ended before it is old; null: nothing is.", null=True
                    ),
                ),
                (
                    "counts",
                    models.JSONField(default=dict, help_text="Deleted instances by name of their status."),
                ),
                ("oldest", models.DateTimeField(null=True)),
                ("newest", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(help_text="When it last did something.")),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "is_complete",
                    models.BooleanField(default=False, help_text="Nothing old was left at its end."),
                ),
            ],
        ),
        migrations.RunSQL(TOMBSTONES + FORGET, BACK),
    ]
