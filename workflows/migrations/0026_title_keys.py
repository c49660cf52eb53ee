"""Instances by whole words of their titles and by groups of characters with digits (docs/lists.md)."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations

import workflows.models.title_keys

# Linear in the length of a word: finding a place in a text takes the longer, the further it lies, in an array
# not. It replaces what a newer state left, where `pg_restore --clean` brought back a dump from before it.
_FUNCTION = r"""
    CREATE OR REPLACE FUNCTION title_keys(title text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
        word text;
        letters text[];
        keys text[] := '{}';
    BEGIN
        FOREACH word IN ARRAY string_to_array(
            translate(upper(title), '.,:;=-_/\@()', '            '), ' '
        ) LOOP
            CONTINUE WHEN word = '';
            keys := keys || left(word, 100);
            CONTINUE WHEN word !~ '[0-9]';
            letters := string_to_array(word, NULL);
            FOR place IN 1 .. cardinality(letters) - 3 LOOP
                keys := keys
                    || (letters[place] || letters[place + 1] || letters[place + 2] || letters[place + 3]);
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
