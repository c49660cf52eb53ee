"""Instances by ReferenceId within a span of start dates (docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0016_assigned_to_me")]
    operations: ClassVar = [
        BtreeGistExtension(),
        migrations.AddIndex(
            "instancerecord",
            django.contrib.postgres.indexes.GistIndex(
                fields=["started_at", "instance"], name="record_by_start_and_id"
            ),
        ),
    ]
