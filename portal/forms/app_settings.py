"""Application settings as one form: what a person left as it was shown to him is not sent as a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from portal.looks import look_of
from workflows.actions.app_settings import Change, Standing
from workflows.actions.setting_kinds import Link, Number, OptionalNumber, Words
from workflows.errors import InvalidInput

SHOWN, SEEN = "shown_", "seen_"  # hidden fields: the value and the version that the form showed


class AppSettingsForm(forms.Form):
    """One field a setting, under its name; nothing can be typed by who may only read."""

    def __init__(self, standings: Sequence[Standing], data: QueryDict | None, *, may_modify: bool) -> None:
        super().__init__(_with_news(data, standings) if data is not None else None)
        self.standings, self.given = standings, data
        for each in standings:
            self.fields[each.setting.name] = _field(each, is_disabled=not may_modify)

    @property
    def groups(self) -> Iterator[tuple[str, list[tuple[BoundField, Standing]]]]:
        for group, members in groupby(self.standings, key=lambda each: each.setting.group):
            yield group, [(self[each.setting.name], each) for each in members]

    def clean(self) -> None:
        for each in self.changes:
            try:
                each.setting.kind.parse(each.text or "")
            except InvalidInput as error:
                self.add_error(each.setting.name, f"It {error}.")

    @property
    def changes(self) -> list[Change]:
        """What was typed that was not shown."""
        if self.given is None:
            return []
        return [_change(each, self.given) for each in self.standings if _is_changed(each, self.given)]


def reset_of(standings: Sequence[Standing], pressed: str) -> Change | None:
    """The setting whose button for the default was pressed: its name and the version that was shown."""
    name, _, seen = pressed.partition(" ")
    named = (each for each in standings if each.setting.name == name)
    return next((Change(each.setting, None, _version(seen)) for each in named), None)


def _change(standing: Standing, data: QueryDict) -> Change:
    return Change(standing.setting, _text(standing, data), _seen(standing, data))


def _is_changed(standing: Standing, data: QueryDict) -> bool:
    return _text(standing, data) != data.get(SHOWN + standing.setting.name, standing.value)


def _text(standing: Standing, data: QueryDict) -> str:
    return ",".join(data.getlist(standing.setting.name)).strip()


def _seen(standing: Standing, data: QueryDict) -> int:
    return _version(data.get(SEEN + standing.setting.name, ""))


def _version(text: str) -> int:
    """One that never was when the form does not say."""
    return int(text) if text.isdecimal() else -1


def _with_news(data: QueryDict, standings: Sequence[Standing]) -> QueryDict:
    """What was typed, and what holds now where nothing was typed."""
    shown = data.copy()
    for each in standings:
        if not _is_changed(each, data):
            shown.setlist(each.setting.name, _initial(each))
    return shown


def _initial(standing: Standing) -> list[str]:
    is_list = isinstance(standing.setting.kind, Words)
    return standing.value.split(",") if is_list else [standing.value]


def _field(standing: Standing, *, is_disabled: bool) -> forms.Field:
    setting = standing.setting
    common: dict[str, Any] = {
        "label": setting.display_name,
        "help_text": setting.help,
        "disabled": is_disabled,
    }
    match setting.kind:
        case Words(choices=choices):
            return forms.MultipleChoiceField(
                choices=[(each, look_of(each).label) for each in choices],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                initial=_initial(standing),
                **common,
            )
        case Number() | OptionalNumber() as number:
            limits = {"min": number.minimum, "max": number.maximum}
            is_required = isinstance(number, Number)
            return forms.CharField(
                widget=forms.NumberInput(attrs=limits),
                required=is_required,
                initial=standing.value,
                **common,
            )
        case Link():
            return forms.CharField(widget=forms.URLInput, required=False, initial=standing.value, **common)
    raise TypeError(setting.kind)
