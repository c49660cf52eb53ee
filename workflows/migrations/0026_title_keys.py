"""Instances by whole words of their titles and by groups of characters with digits (docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations

import workflows.models.title_keys

# Of a long word a piece at a time: finding a place in a text takes the longer, the further it lies.
_FUNCTION = r"""
    CREATE FUNCTION title_keys(title text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
        word text;
        piece text;
        keys text[] := '{}';
    BEGIN
        FOREACH word IN ARRAY string_to_array(
            translate(upper(title), '.,:;=-_/\@()', '            '), ' '
        ) LOOP
            CONTINUE WHEN word = '';
            keys := keys || left(word, 100);
            CONTINUE WHEN word !~ '[0-9]';
            FOR place IN 1 .. length(word) - 3 BY 100 LOOP
                piece := substr(word, place, 103);
                FOR within IN 1 .. length(piece) - 3 LOOP
                    keys := keys || substr(piece, within, 4);
                END LOOP;
            END LOOP;
        END LOOP;
        RETURN keys;
    END $$
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workflows", "0025_ended_instances")]
    operations: ClassVar = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION title_keys(text)"),
        migrations.AddIndex(
            "instancerecord",
            django.contrib.postgres.indexes.GinIndex(
                workflows.models.title_keys.TitleKeys("title"), name="record_by_title_keys"
            ),
        ),
        # Databases that 0023 of an earlier state was run on have it.
        migrations.RunSQL("DROP INDEX IF EXISTS record_by_words_of_title", migrations.RunSQL.noop),
    ]
