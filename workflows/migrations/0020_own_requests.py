"""A pending signal says whose own request it is: who may not answer it (workflows/models/signals.py).

`allows_self` stays in the table, with a default, for the processes of the release before that still run while
this is migrated; nobody else reads it.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

FILL = """
    UPDATE workflows_pendingsignal AS p SET excluded_ids = CASE
        WHEN p.allows_self THEN '{}' ELSE array_remove(ARRAY[i.initiator_id, r.restarted_by_id], NULL)
    END
    FROM workflows_instance AS i JOIN workflows_instancerecord AS r ON r.instance_id = i.id
    WHERE i.id = p.instance_id
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0019_spans_of_start_alone")]
    operations: ClassVar = [
        migrations.AddField("pendingsignal", "excluded_ids", ArrayField(models.BigIntegerField(), null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE workflows_pendingsignal ALTER allows_self SET DEFAULT false",
                    "ALTER TABLE workflows_pendingsignal ALTER allows_self DROP DEFAULT",
                )
            ],
            [migrations.RemoveField("pendingsignal", "allows_self")],
        ),
    ]
