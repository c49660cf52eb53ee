"""A step run says which roles it asked: who comes late learns who decided (workflows/actions/reaching.py)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# Of what is waiting. Those that have ended are known by what their definitions name.
FILL = """
    UPDATE workflows_steprun AS r SET role_ids = asked.role_ids
    FROM (
        SELECT i.run_id, array_agg(DISTINCT p.role_id) AS role_ids
        FROM workflows_pendingsignal AS p JOIN workflows_instance AS i ON i.id = p.instance_id
        GROUP BY i.run_id
    ) AS asked
    WHERE r.id = asked.run_id
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0020_own_requests")]
    operations: ClassVar = [
        migrations.AddField(
            "steprun",
            "role_ids",
            ArrayField(
                models.BigIntegerField(), null=True, help_text="Whom it asked; null where it asked nobody."
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
