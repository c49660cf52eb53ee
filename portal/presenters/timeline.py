"""What happened step by step, and what is still to come (components/timeline.html)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.diagrams import PLAIN_OUTPUT
from portal.presenters.differences import Change
from portal.presenters.steps import Step, ahead, type_label
from workflows.models import Instance, StepRun
from workflows.vocabulary.statuses import FINISHED, StepRunStatus


@dataclass(frozen=True)
class Condition:
    text: str
    value: Any


@dataclass(frozen=True)
class Run:
    """One attempt at one step; without a status it was not reached yet."""

    step: str
    unique_name: str
    extension: str
    type_label: str
    status: StepRunStatus | None = None
    attempt: int = 1
    started: datetime | None = None
    ended: datetime | None = None
    duration: timedelta | None = None
    message: str = ""
    conditions: tuple[Condition, ...] = ()
    changes: tuple[Change, ...] = ()
    output: str = ""


def timeline(instance: Instance, steps: Mapping[str, Step], runs: Sequence[StepRun]) -> list[Run]:
    """The runs in order, then the steps that may follow while the instance lives."""
    known = dict(instance.record.initial_data)
    passed = []
    for run in runs:
        passed.append(_passed(run, known, _message(run, instance)))
        known.update(run.changes or {})
    return [*passed, *_to_come(instance, steps, runs)]


def _message(run: StepRun, instance: Instance) -> str:
    """What the run where people are awaited says changes with every answer."""
    return instance.status_message if run.pk == instance.run_id else run.message


def _passed(run: StepRun, known: Mapping[str, Any], message: str) -> Run:
    ended = run.finished_at
    return Run(
        step=run.step_display_name,
        unique_name=run.step_name,
        extension=run.extension,
        type_label=type_label(run.extension),
        status=StepRunStatus(run.status),
        attempt=run.attempt,
        started=run.started_at,
        ended=ended,
        duration=ended - run.started_at if ended else None,
        message=message,
        conditions=tuple(Condition(each["Condition"], each["Result"]) for each in run.conditions or ()),
        changes=tuple(
            Change(name, known.get(name), after)
            for name, after in (run.changes or {}).items()
            if known.get(name) != after
        ),
        output="" if run.output == PLAIN_OUTPUT else run.output,
    )


def _to_come(instance: Instance, steps: Mapping[str, Step], runs: Sequence[StepRun]) -> Iterator[Run]:
    if instance.status in FINISHED:
        return
    here = steps.get(instance.step_name)
    stands_here = bool(runs) and runs[-1].step_name == instance.step_name
    if here is not None and not stands_here:
        yield _pending(here)
    for step in ahead(steps, instance.step_name):
        yield _pending(step)


def _pending(step: Step) -> Run:
    return Run(step.display_name, step.unique_name, step.extension, step.type_label)
