from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0008_broad_keys_of_events"),
    ]

    operations = [
        migrations.RemoveField(model_name="definitionversion", name="revision"),
        migrations.AddField(
            model_name="definition",
            name="revision",
            field=models.PositiveIntegerField(
                default=0, help_text="Counts every change; what If-Match names."
            ),
        ),
        migrations.CreateModel(
            name="DefinitionRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("saved_at", models.DateTimeField(auto_now_add=True)),
                ("saved_by", models.CharField(blank=True, max_length=200)),
                (
                    "definition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="workflows.definition",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="definitionrevision",
            constraint=models.UniqueConstraint(
                fields=("definition", "number"), name="revision_number_is_unique"
            ),
        ),
    ]
