"""Awaited instances whose waiters are yet to be told of the end."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0026_title_keys")]
    operations: ClassVar = [
        # The default is the database's, too: workers of the release before insert without it.
        migrations.AddField(
            "awaitedinstance",
            "is_over",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="It has ended while somebody else had the waiter in hands, who is yet to be woken.",
            ),
        ),
        migrations.AddIndex(
            "awaitedinstance",
            models.Index(
                condition=models.Q(("is_over", True)), fields=["instance"], name="awaited_and_over"
            ),
        ),
    ]
