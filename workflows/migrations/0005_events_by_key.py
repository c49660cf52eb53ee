from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0004_awaited_instance"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="event", name="event_undelivered"),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", True)),
                fields=["workflow_type", "key", "id"],
                name="event_waiting",
            ),
        ),
    ]
