"""The product as one Django app."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from django.apps import AppConfig
from django.conf import settings

from workflows import encryption, steps, workflow_types


class WorkflowsConfig(AppConfig):
    name = "workflows"
    label = "workflows"
    verbose_name = "Workflows"

    def ready(self) -> None:
        """Set the keys of secrets at rest; install every workflow type, step type and system check."""
        encryption.configure(settings.KEY_ENCRYPTION_KEYS)
        _import_modules_of(workflow_types)
        _import_modules_of(steps)
        import_module("workflows.checks")


def _import_modules_of(package: ModuleType) -> None:
    """Each module registers what it defines: adding a type is adding a file."""
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
