"""Assigned to Me is answered by one index of the pending signals; what was restarted by whom, by none."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0021_asked_roles")]
    operations: ClassVar = [
        migrations.RemoveIndex("instancerecord", "record_by_restarter"),
        migrations.RemoveIndex("pendingsignal", "pending_by_role"),
        migrations.AddIndex(
            "pendingsignal",
            models.Index(
                fields=["role", "instance"], include=["step_name", "excluded_ids"], name="pending_by_role"
            ),
        ),
    ]
