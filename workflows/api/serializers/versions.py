"""Shapes that differ between version 1 and version 2 of the API (contract, 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from workflows.api.serializers.base import Serializer


class Versioned(Serializer):
    """Has fields that only one version knows; the description shows those of both."""

    only_in: ClassVar[Mapping[str, int]] = {}

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        version = self.version
        return {
            name: field
            for name, field in fields.items()
            if not version or self.only_in.get(name, version) == version
        }

    @property
    def version(self) -> int:
        """The version that the call asked for; 0 where there is no call, as in the description."""
        return getattr(self.context.get("view"), "api_version", 0)
