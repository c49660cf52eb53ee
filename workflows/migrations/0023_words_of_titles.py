"""Nothing any more: what stood here was an index that 0026 takes away."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0022_assigned_by_index")]
    operations: ClassVar = []
