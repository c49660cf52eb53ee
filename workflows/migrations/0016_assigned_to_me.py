"""Whose restart an instance is, for Assigned to Me."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0015_subscriptions")]
    operations: ClassVar = [
        migrations.AddIndex(
            "instancerecord",
            models.Index(
                fields=["restarted_by", "instance"],
                name="record_by_restarter",
                condition=models.Q(restarted_by__isnull=False),
            ),
        ),
    ]
