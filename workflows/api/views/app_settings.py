"""/AppSetting: settings that administrators change while everything runs (events-security-audit.md, 2.7)."""

from __future__ import annotations

from typing import Any

from workflows.actions import app_settings
from workflows.actions.app_settings import Change, Standing
from workflows.api import paths
from workflows.api.serializers import app_settings as shapes
from workflows.api.views.base import View, operation, route
from workflows.errors import InvalidInput
from workflows.vocabulary.permissions import Permission

READ, MODIFY = Permission.APPLICATION_SETTINGS_READ, Permission.APPLICATION_SETTINGS_MODIFY


class AppSettings(View):
    @operation(answer=list[shapes.AppSettingAnswer], permission=READ)
    def get(self) -> list[Standing]:
        """Every application setting, with its value and its default."""
        return app_settings.visible(self.actor)

    @operation(
        body=list[shapes.AppSettingBulkChange], answer=list[shapes.AppSettingAnswer], permission=MODIFY
    )
    def put(self, body: list[dict[str, Any]]) -> list[Standing]:
        """Change several, all or none; those that are not named stay."""
        ids = [each["id"] for each in body]
        if len(set(ids)) < len(ids):
            raise InvalidInput("The same Id stands twice; name each setting once.")
        return app_settings.change([_change(each["id"], each) for each in body], actor=self.actor)


class OneAppSetting(View):
    @operation(answer=shapes.AppSettingAnswer, permission=READ)
    def get(self, name: str) -> Standing:
        """One application setting by its id; by its ShortName is an addition of ours."""
        return app_settings.find(_named(name), actor=self.actor)


class AppSettingValue(View):
    @operation(body=shapes.AppSettingChange, answer=shapes.AppSettingAnswer, permission=MODIFY)
    def put(self, name: str, body: dict[str, Any]) -> Standing:
        """Change one by its id or ShortName; a Value of null brings back the default."""
        (standing,) = app_settings.change([_change(_named(name), body)], actor=self.actor)
        return standing


def _change(name: str | int, body: dict[str, Any]) -> Change:
    return Change(app_settings.named(name), body["value"], body["version"])


def _named(text: str) -> str | int:
    return int(text) if paths.is_number(text) else text


routes = [
    route("AppSetting", AppSettings),
    route("AppSetting/<str:name>", OneAppSetting),
    route("AppSetting/<str:name>/Set", AppSettingValue),
]
