"""How words of the product look: an icon, a tone (see `static/app.css`) and a translated label.

Colour is never alone: every look has an icon and a word.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus


@dataclass(frozen=True)
class Look:
    icon: str
    tone: str
    label: str | Promise


INSTANCES: dict[InstanceStatus, Look] = {
    InstanceStatus.Unknown: Look("circle-dashed", "quiet", _("Unknown")),
    InstanceStatus.Running: Look("circle-play", "running", _("Running")),
    InstanceStatus.Suspended: Look("hourglass", "waiting", _("Suspended")),
    InstanceStatus.Failed: Look("triangle-alert", "failed", _("Failed")),
    InstanceStatus.Complete: Look("circle-check", "done", _("Complete")),
    InstanceStatus.Rejected: Look("circle-x", "denied", _("Rejected")),
    InstanceStatus.CanceledForRestart: Look("rotate-ccw", "quiet", _("Canceled for restart")),
}

STEP_RUNS: dict[StepRunStatus, Look] = {
    StepRunStatus.Running: Look("circle-play", "running", _("Running")),
    StepRunStatus.Waiting: Look("hourglass", "waiting", _("Waiting")),
    StepRunStatus.Done: Look("check", "done", _("Done")),
    StepRunStatus.Skipped: Look("skip-forward", "quiet", _("Skipped")),
    StepRunStatus.Failed: Look("triangle-alert", "failed", _("Failed")),
    StepRunStatus.Rejected: Look("x", "denied", _("Denied")),
    StepRunStatus.Retried: Look("rotate-ccw", "waiting", _("Failed, tried again")),
    StepRunStatus.Lost: Look("circle-dashed", "waiting", _("Interrupted, taken up again")),
    StepRunStatus.Late: Look("clock", "quiet", _("Answered too late")),
    StepRunStatus.Stopped: Look("octagon-x", "denied", _("Stopped")),
}

PENDING = Look("circle-dashed", "quiet", _("Not reached"))

STEP_TYPES: dict[str, str] = {
    "CustomPowerShell": "file-code",
    "Email": "mail",
    "EnrollStep": "file-badge",
    "ExpirationRenewal": "refresh-cw",
    "NOOPStep": "circle",
    "OAuthRESTRequest": "globe",
    "PowerShell": "braces",
    "RESTRequest": "globe",
    "RequireApproval": "signature",
    "RevokeStep": "ban",
    "SetVariable": "braces",
    "UpdateMetadata": "tag",
}
"""Icons of step types by extension name; others get `UNKNOWN_STEP`."""

UNKNOWN_STEP = "puzzle"


def look_of(status: StepRunStatus | InstanceStatus | int | str | None) -> Look:
    """The look of a step run's or an instance's status, or of its number or name; None is not reached."""
    if status is None:
        return PENDING
    if isinstance(status, StepRunStatus):
        return STEP_RUNS[status]
    return INSTANCES[InstanceStatus[status] if isinstance(status, str) else InstanceStatus(status)]
