"""Who is awaited: an addition of ours to whatever shows an unfinished instance."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.actions.awaited import awaited
from workflows.api.serializers.base import Serializer, Text
from workflows.models import Instance


class AwaitedAnswer(Serializer):
    Step = Text(source="step_name", help_text="Its unique name.")
    StepDisplayName = Text()
    Since = serializers.DateTimeField()
    Deadline = serializers.DateTimeField(
        allow_null=True, help_text="When the wait ends by itself; null: never."
    )
    Roles = serializers.ListField(
        child=Text(), help_text="Of which members may answer; empty while no person is awaited."
    )


_ANSWER = AwaitedAnswer()  # made once: making its fields costs more than using them


@extend_schema_field(AwaitedAnswer)
class AwaitedField(serializers.Field[Any, Any, Any, Any]):
    """Of an instance; left out when it has finished. The context may hold what it asks, as `asked`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, required=False, **kwargs)

    def to_representation(self, value: Instance) -> Any:
        found = awaited(value, self.context.get("asked"))
        return None if found is None else _ANSWER.to_representation(found)
