"""The version that an instance runs, as whatever shows the instance shows it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.profiles import Profile
from workflows.api.serializers.base import Integer, Serializer, Text
from workflows.models import DefinitionVersion

_KEPT = 10_000  # of the versions last shown


class InstanceDefinition(Serializer):
    """The version that the instance runs, whatever was published since."""

    Id = serializers.UUIDField(source="definition.guid")
    DisplayName = Text()
    Version = Integer(source="number")
    WorkflowType = Text(source="definition.workflow_type")


@extend_schema_field(InstanceDefinition)
class VersionField(serializers.Field[Any, Any, Any, Any]):
    """Of a version's id. Instances run frozen versions only, so each is read once in a process."""

    def to_representation(self, value: int) -> Mapping[str, Any]:
        return shown_version(value, self.context["profile"])


@lru_cache(maxsize=_KEPT)
def shown_version(version_id: int, profile: Profile) -> Mapping[str, Any]:
    """Joined to a list, they would cost PostgreSQL more to plan than it takes to find a page."""
    version = DefinitionVersion.objects.select_related("definition").defer("steps").get(pk=version_id)
    return InstanceDefinition(context={"profile": profile}).to_representation(version)  # `data` keeps itself
