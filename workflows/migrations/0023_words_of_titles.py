"""Instances by whole words of their titles (docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations

import workflows.models.words


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0022_assigned_by_index")]
    operations: ClassVar = [
        migrations.AddIndex(
            "instancerecord",
            django.contrib.postgres.indexes.GinIndex(
                workflows.models.words.Words("title"), name="record_by_words_of_title"
            ),
        ),
    ]
