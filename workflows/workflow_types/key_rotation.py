"""An SSH key is due to be replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.engine.registry import register_workflow_type
from workflows.engine.workflow_type import Alias, WorkflowTypeSpec
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.keys import id_key


@register_workflow_type
class KeyRotation(WorkflowTypeSpec):
    """The data is `AlertId`, `Serial` and `Username`, the owner of the key (workflow-instances.md, 1.4)."""

    name = WorkflowType.KeyRotation
    display_name = "Key Rotation"
    key_type = "KeyRotationAlert"
    context_parameters = ("alertId", "serial", "username")
    aliases: ClassVar[Mapping[str, Alias]] = {
        "alertId": lambda data: data["AlertId"],
        "serial": lambda data: data["Serial"],
        "username": lambda data: data["Username"],
    }

    def key_display_name(self, key: str) -> str:
        return id_key(key, "a key rotation alert")

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        return f"{user_name} is handling the rotation of the SSH key of {data.get('Username')}."
