"""The index of spans of start dates serves nothing but these (workflows/search/by_key.py)."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations
from django.db.models import F


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0018_whole_titles")]
    operations: ClassVar = [
        migrations.RemoveIndex("instancerecord", "record_by_start_and_id"),
        migrations.AddIndex(
            "instancerecord",
            django.contrib.postgres.indexes.GistIndex(
                F("started_at"), F("instance") + 0, name="record_by_start_and_id"
            ),
        ),
    ]
