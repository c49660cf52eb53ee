"""The application settings: what each one is, and its value as it holds now.

The environment gives the defaults. What an administrator sets in their place lies in one table, which every
process reads again after `FRESH_SECONDS`: a change holds everywhere within that time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from django.conf import settings

from workflows.actions.setting_kinds import Kind, Link, Number, OptionalNumber, Words
from workflows.errors import InvalidInput
from workflows.models import AppSettingValue
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

log = structlog.get_logger(__name__)

T = TypeVar("T")
FRESH_SECONDS = 2.0
YEARS = 36500  # days


@dataclass(frozen=True)
class AppSetting(Generic[T]):
    """One setting; `id` and `name` never change, `default_name` is the environment's variable."""

    id: int
    name: str
    display_name: str
    group: str
    help: str
    kind: Kind[T]
    default_name: str

    @property
    def default(self) -> T:
        value: T = getattr(settings, self.default_name)
        return value

    def value(self) -> T:
        """What holds now, in this process at most `FRESH_SECONDS` late."""
        text = _overrides().get(self.name)
        if text is None:
            return self.default
        try:
            return self.kind.parse(text)
        except InvalidInput:  # written by another version of the product, with other bounds
            log.warning("a stored setting is out of its bounds; the default holds", setting=self.name)
            return self.default


DOCUMENTATION_URL = AppSetting(
    1,
    "DocumentationUrl",
    "Documentation link",
    "Portal",
    "Stands in the help menu of every page; empty: the documentation that comes with the product.",
    Link(),
    "DOCUMENTATION_URL",
)
ENROLL_WAIT_SECONDS = AppSetting(
    2,
    "EnrollWaitSeconds",
    "Waiting time of enrollment",
    "Enrollment",
    "Seconds that enrolling and revoking wait for the first outcome before they answer that it is pending.",
    Number(0, 120),
    "ENROLL_WAIT_SECONDS",
)
PURGE_AGE_DAYS = AppSetting(
    3,
    "PurgeAgeDays",
    "Delete finished workflows after",
    "Housekeeping",
    "Days since they ended; empty: never. Requests and certificates stay.",
    OptionalNumber(1, YEARS),
    "PURGE_AGE_DAYS",
)
PURGE_STATUSES = AppSetting(
    4,
    "PurgeStatuses",
    "Statuses to delete",
    "Housekeeping",
    "Which finished workflows are deleted at that age.",
    Words(tuple(each.name for each in InstanceStatus if each in FINISHED)),
    "PURGE_STATUSES",
)
PURGE_SCAN_MINUTES = AppSetting(
    5,
    "PurgeScanMinutes",
    "Scan interval of housekeeping",
    "Housekeeping",
    "Minutes from one look for old workflows and audit entries to the next.",
    Number(1, 10080),
    "PURGE_SCAN_MINUTES",
)
AUDIT_RETENTION_DAYS = AppSetting(
    6,
    "AuditRetentionDays",
    "Keep audit entries for",
    "Housekeeping",
    "Days; empty: for ever. Older entries are removed, and a signed entry says how many.",
    OptionalNumber(30, YEARS),
    "AUDIT_RETENTION_DAYS",
)

ALL: tuple[AppSetting[Any], ...] = (
    DOCUMENTATION_URL,
    ENROLL_WAIT_SECONDS,
    PURGE_AGE_DAYS,
    PURGE_STATUSES,
    PURGE_SCAN_MINUTES,
    AUDIT_RETENTION_DAYS,
)


class _Seen:
    """What this process last read; replaced as a whole, so that threads need no lock."""

    overrides: Mapping[str, str] = {}
    fresh_until = 0.0


def forget() -> None:
    """Read the table again at the next look."""
    _Seen.fresh_until = 0.0


def _overrides() -> Mapping[str, str]:
    if time.monotonic() >= _Seen.fresh_until:
        rows = AppSettingValue.objects.all()
        _Seen.overrides = {row.name: row.value for row in rows if row.value is not None}
        _Seen.fresh_until = time.monotonic() + FRESH_SECONDS
    return _Seen.overrides
