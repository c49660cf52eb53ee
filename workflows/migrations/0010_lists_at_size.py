"""What makes lists of a million instances quick (docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

COPY = """
UPDATE workflows_instancerecord AS r SET definition_id = v.definition_id, started_at = i.started_at
FROM workflows_instance AS i JOIN workflows_definitionversion AS v ON v.id = i.version_id
WHERE i.id = r.instance_id
"""


def _definition(**null: bool) -> models.Field:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="workflows.definition",
        **null,
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0009_revisions_of_definitions")]
    operations: ClassVar = [
        TrigramExtension(),
        migrations.AddField("instancerecord", "definition", _definition(null=True)),
        migrations.AddField("instancerecord", "started_at", models.DateTimeField(null=True)),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.AlterField("instancerecord", "definition", _definition()),
        migrations.AlterField("instancerecord", "started_at", models.DateTimeField()),
        migrations.AddIndex("instance", models.Index(fields=["status", "id"], name="instance_by_status")),
        migrations.AddIndex(
            "instancerecord",
            models.Index(fields=["definition", "instance"], name="record_by_definition"),
        ),
        migrations.AddIndex(
            "instancerecord", models.Index(fields=["started_at", "instance"], name="record_by_start")
        ),
        migrations.AddIndex(
            "instancerecord",
            django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("title"), name="gin_trgm_ops"
                ),
                name="record_by_title",
            ),
        ),
        migrations.AddIndex(
            "instancerecord",
            django.contrib.postgres.indexes.GinIndex(
                fields=["initial_data"], name="record_by_data", opclasses=["jsonb_path_ops"]
            ),
        ),
        migrations.AlterField(
            "pendingsignal",
            "role",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workflows.role",
            ),
        ),
        migrations.AddIndex(
            "pendingsignal", models.Index(fields=["role", "instance"], name="pending_by_role")
        ),
    ]
