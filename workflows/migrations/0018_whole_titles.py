"""Instances by their whole title or its beginning, without case (docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0017_spans_of_start")]
    operations: ClassVar = [
        migrations.AddIndex(
            "instancerecord",
            django.contrib.postgres.indexes.SpGistIndex(
                django.db.models.functions.text.Upper("title"), name="record_by_whole_title"
            ),
        ),
    ]
