"""What people keep of the lists they look at."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from workflows.models.people import User


class SavedSearch(models.Model):
    """A filter, an order and columns of a list of instances under a person's own name for them.

    `parameters` are those of the page's address. The one without a name holds the columns that the list opens
    with.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="saved_searches")
    name = models.CharField(max_length=80, blank=True)
    parameters = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            # Also the index that a person's searches are read by.
            models.UniqueConstraint(fields=["user", "name"], name="search_name_is_ones_own")
        ]
