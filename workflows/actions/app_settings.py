"""Application settings: shown, changed and reset by administrators (events-security-audit.md, 2.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import configured
from workflows.actions.configured import AppSetting
from workflows.errors import InvalidInput, NotFound, VersionConflict
from workflows.models import AppSettingValue
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting and what holds; `version` counts its changes, 0 when there was none."""

    setting: AppSetting[Any]
    row: AppSettingValue

    @property
    def is_default(self) -> bool:
        return self.row.value is None

    @property
    def default(self) -> str:
        return self.setting.kind.text(self.setting.default)

    @property
    def value(self) -> str:
        return self.default if self.row.value is None else self.row.value


@dataclass(frozen=True, slots=True)
class Change:
    """A new text for a setting, None for the default; `version` is the one that the changer saw."""

    setting: AppSetting[Any]
    text: str | None
    version: int | None = None


def visible(actor: Actor) -> list[Standing]:
    """Every setting as it stands. Raises PermissionMissing."""
    policies.require(actor, Permission.APPLICATION_SETTINGS_READ)
    rows = {row.name: row for row in AppSettingValue.objects.all()}
    return [_standing(each, rows.get(each.name)) for each in configured.ALL]


def find(name: str | int, *, actor: Actor) -> Standing:
    """One setting by its id or, in any case, its name. Raises PermissionMissing, NotFound."""
    policies.require(actor, Permission.APPLICATION_SETTINGS_READ)
    setting = named(name)
    return _standing(setting, AppSettingValue.objects.filter(pk=setting.name).first())


def named(name: str | int) -> AppSetting[Any]:
    """The setting of this id or name. Raises NotFound."""
    for each in configured.ALL:
        if name == each.id or str(name).casefold() == each.name.casefold():
            return each
    raise NotFound(f"There is no application setting {name}; GET /AppSetting lists all.")


def change(changes: Sequence[Change], *, actor: Actor) -> list[Standing]:
    """Change settings, all or none; answers how these stand then.

    Raises PermissionMissing, InvalidInput (naming the setting) and VersionConflict when somebody has changed
    one since the version that its changer saw.
    """
    policies.require(actor, Permission.APPLICATION_SETTINGS_MODIFY)
    wanted = [(each, _checked(each)) for each in changes]
    with transaction.atomic():
        standings = [_store(each, text, actor) for each, text in sorted(wanted, key=_place)]
        transaction.on_commit(configured.forget)
    configured.forget()
    return standings


def _place(wanted: tuple[Change, str | None]) -> int:
    """Rows are locked in one order, so that two who change several do not block each other."""
    return wanted[0].setting.id


def _checked(change: Change) -> str | None:
    """The text in its canonical form."""
    if change.text is None:
        return None
    kind = change.setting.kind
    try:
        return kind.text(kind.parse(change.text))
    except InvalidInput as error:
        raise InvalidInput(f"{change.setting.display_name} ({change.setting.name}) {error}.") from None


def _store(change: Change, text: str | None, actor: Actor) -> Standing:
    AppSettingValue.objects.get_or_create(name=change.setting.name)
    row = AppSettingValue.objects.select_for_update().get(name=change.setting.name)
    standing = Standing(change.setting, row)
    if change.version not in (None, row.version):
        raise VersionConflict(
            f"{change.setting.display_name} was changed meanwhile by {row.changed_by}; it is now"
            f" '{standing.value}'. Look at it again."
        )
    if row.value != text:
        before = _state(standing)
        row.value, row.version = text, row.version + 1
        row.changed_at, row.changed_by = timezone.now(), actor.name
        row.save()
        _audit(standing, actor, before=before)
    return standing


def _standing(setting: AppSetting[Any], row: AppSettingValue | None) -> Standing:
    return Standing(setting, row or AppSettingValue(name=setting.name))


def _state(standing: Standing) -> dict[str, Any]:
    """What audit entries say of a setting."""
    return {"Value": standing.value, "IsDefault": standing.is_default}


def _audit(standing: Standing, actor: Actor, *, before: dict[str, Any]) -> None:
    audit.record(
        Operation.Reset if standing.is_default else Operation.Updated,
        Category.ApplicationSetting,
        actor=actor,
        name=standing.setting.display_name,
        identifier=standing.setting.name,
        before=before,
        after=_state(standing),
    )
