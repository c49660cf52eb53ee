"""A Django app for doomed workers: it kills its own process at the place that DIE_AT names.

step:<UniqueName>     as the step begins to run
signed:<any>          inside EnrollStep, when the CA has signed and nothing is stored
stored:<UniqueName>   when a turn that leaves an instance at the step has been written, before its commit
committed:<UniqueName>   right after that commit
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.db import transaction


class CrashingConfig(AppConfig):
    name = "tests.faults.crashing"
    label = "crashing"

    def ready(self) -> None:
        kind, _, step_name = os.environ.get("DIE_AT", "").partition(":")
        if kind:
            {"step": _in_step, "signed": _when_signed, "stored": _when_stored, "committed": _when_committed}[
                kind
            ](step_name)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _in_step(step_name: str) -> None:
    from workflows.engine import walking

    context_of = walking._context

    def doomed(state: Any, step: Any, *arguments: Any) -> Any:
        if step.unique_name == step_name:
            _die()
        return context_of(state, step, *arguments)

    walking._context = doomed


def _when_signed(step_name: str) -> None:
    from workflows.connectors.authorities.builtin import BuiltinAuthority

    issue = BuiltinAuthority.issue

    def doomed(authority: BuiltinAuthority, order: Any) -> None:
        issue(authority, order)
        _die()

    BuiltinAuthority.issue = doomed  # type: ignore[assignment,method-assign]


def _when_stored(step_name: str) -> None:
    _after_write(step_name, _die)


def _when_committed(step_name: str) -> None:
    _after_write(step_name, lambda: transaction.on_commit(_die))


def _after_write(step_name: str, deed: Any) -> None:
    from workflows.engine import writing

    write = writing.write

    def doomed(states: Sequence[Any], now: datetime) -> None:
        write(states, now)
        if any(state.moved and state.step_name == step_name for state in states):
            deed()

    writing.write = doomed
