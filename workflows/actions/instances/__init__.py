"""What people do with instances: look, stop, restart, delete (D3 to D6, D15)."""

from __future__ import annotations

from workflows.actions.instances.ending import delete, stop
from workflows.actions.instances.reading import listed, parse_name, visible
from workflows.actions.instances.restarting import restart
from workflows.actions.instances.rules import (
    Abilities,
    Successors,
    abilities,
    check_deletable,
    check_restartable,
    check_stoppable,
    restart_version,
    restart_versions,
    successors_of,
)

__all__ = [
    "Abilities",
    "Successors",
    "abilities",
    "check_deletable",
    "check_restartable",
    "check_stoppable",
    "delete",
    "listed",
    "parse_name",
    "restart",
    "restart_version",
    "restart_versions",
    "stop",
    "successors_of",
    "visible",
]
