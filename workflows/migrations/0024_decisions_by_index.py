"""Whoever has answered already is known without reading his answers (Assigned to Me)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0023_words_of_titles")]
    operations: ClassVar = [
        migrations.RemoveIndex("signaldecision", "decision_by_person"),
        migrations.AddIndex(
            "signaldecision",
            models.Index(
                fields=["user", "decided_at", "id"],
                include=["instance", "step_name"],
                name="decision_by_person",
            ),
        ),
    ]
