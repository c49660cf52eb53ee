"""Instances for lists, and what a list shows of them."""

from __future__ import annotations

from typing import Any

from tests import builders
from tests.api.clients import ApiClient
from workflows.models import DefinitionVersion, Instance

LIST = "Workflow/Instances"


def make(version: DefinitionVersion, *, step: str = "", **data: Any) -> Instance:
    """One that stands at a step of that display name."""
    instance = builders.start(version, data)
    Instance.objects.filter(pk=instance.pk).update(step_display_name=step)
    return instance


def ids(client: ApiClient, query: str = "") -> list[int]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["ReferenceId"] for row in answer.json()]
