"""Instances by when they ended (docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0024_decisions_by_index")]
    operations: ClassVar = [
        migrations.AddIndex(
            "instance",
            models.Index(
                fields=["status", "modified_at", "id"],
                name="instance_by_end",
                condition=models.Q(status__in=[3, 4, 5, 6]),
            ),
        ),
    ]
