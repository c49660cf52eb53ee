"""What `manage.py check` finds before anything runs: missing types, published versions that cannot run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from workflows.engine import registry
from workflows.models import Definition


@register()
def built_in_steps_are_installed(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Every built-in step that a workflow type appends (D12) must be there."""
    return [
        Error(
            f"The workflow type {spec.name} appends {spec.built_in_step}, which is not installed.",
            hint="Restore its file in workflows/steps/.",
            id="workflows.E001",
        )
        for spec in registry.workflow_types()
        if spec.built_in_step and registry.step_type(spec.built_in_step) is None
    ]


@register(Tags.database)
def published_steps_are_installed(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A published version with a removed step type fails every instance (`check --database default`)."""
    if not databases:
        return []
    published = Definition.objects.active().select_related("published")
    return [
        Error(
            f"'{definition.published.display_name}' uses the step type {extension}, which is not installed.",
            hint="Install it again, or publish a version without it.",
            id="workflows.E002",
        )
        for definition in published
        if definition.published is not None
        for extension in _unknown(definition.published.steps)
    ]


def _unknown(steps: Sequence[dict[str, Any]]) -> list[str]:
    names = sorted({step["ExtensionName"] for step in steps})
    return [name for name in names if registry.step_type(name) is None]
