"""A pending signal says whose own request it is: who may not answer it (workflows/models/signals.py)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

FILL = """
    UPDATE workflows_pendingsignal AS p
    SET excluded_ids = array_remove(ARRAY[i.initiator_id, r.restarted_by_id], NULL)
    FROM workflows_instance AS i JOIN workflows_instancerecord AS r ON r.instance_id = i.id
    WHERE i.id = p.instance_id AND NOT p.allows_self
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0019_spans_of_start_alone")]
    operations: ClassVar = [
        migrations.AddField(
            "pendingsignal", "excluded_ids", ArrayField(models.BigIntegerField(), default=list)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveField("pendingsignal", "allows_self"),
        migrations.RemoveIndex("instancerecord", "record_by_restarter"),
        migrations.RemoveIndex("pendingsignal", "pending_by_role"),
        migrations.AddIndex(
            "pendingsignal",
            models.Index(
                fields=["role", "instance"], include=["step_name", "excluded_ids"], name="pending_by_role"
            ),
        ),
    ]
