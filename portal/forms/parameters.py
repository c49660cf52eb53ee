"""Parameters of a step type as form fields: each kind has the control that fits it (contract, 2.3)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.forms.json_texts import parsed
from portal.forms.offered import Choices, Suggesting, offered
from workflows.encryption import decrypt, encrypt
from workflows.engine.contracts import Parameter
from workflows.engine.parameters import SEALED
from workflows.errors import SecretUnreadable
from workflows.vocabulary.parameters import ControlType, ParameterType

LONGEST = 100_000
_CODE = {"class": "code", "spellcheck": "false", "autocapitalize": "none", "rows": 10}
_LINES = {"rows": 3, "spellcheck": "false", "autocapitalize": "none"}


class ListField(forms.CharField):
    """Texts, one a line."""

    widget = forms.Textarea(attrs=_LINES)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class MapField(forms.CharField):
    """Names and values, `name: value` a line; a name given twice has a list of values. Or a JSON object."""

    widget = forms.Textarea(attrs=_LINES | {"class": "mono"})

    def prepare_value(self, value: Any) -> Any:
        return _map_text(value) if isinstance(value, Mapping) else value

    def clean(self, value: Any) -> dict[str, Any]:
        text = super().clean(value).strip()
        if text.startswith("{"):
            return dict(parsed(text))
        found: dict[str, Any] = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            name, colon, entry = line.partition(":")
            if not colon or not name.strip():
                raise forms.ValidationError(
                    _("“%(line)s” is no line of the form name: value.") % {"line": line[:80]}
                )
            _add(found, name.strip(), entry.strip())
        return found


class JsonField(forms.CharField):
    widget = forms.Textarea(attrs=_CODE)

    def prepare_value(self, value: Any) -> Any:
        is_text = isinstance(value, str) or value is None
        return value if is_text else json.dumps(value, indent=2, ensure_ascii=False)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        return parsed(text) if text else None


class SealedInput(forms.PasswordInput):
    """Never shows what was typed; a page that is shown again carries it sealed, so nobody types it twice."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return super().value_from_datadict(data, files, name) or _opened(data.get(f"{name}_sealed"), name)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if not value:
            return super().render(name, value, attrs, renderer)
        hint = {"placeholder": _("Typed already; leave this empty to keep it."), "required": False}
        shown = super().render(name, None, {**(attrs or {}), **hint}, renderer)
        return format_html(
            '{}<input type="hidden" name="{}_sealed" value="{}">', shown, name, _sealed(value, name)
        )


class SecretField(forms.CharField):
    """Written, never shown; left empty, the stored secret stays."""

    widget = SealedInput(attrs={"autocomplete": "new-password"})


def form_field(parameter: Parameter, stored: Any) -> forms.Field:
    """The field for one parameter; `stored` is what it holds now, None for its default."""
    given = parameter.default if stored is None else stored
    shared: dict[str, Any] = {
        "label": parameter.display_name,
        "help_text": _help(parameter, stored),
        "required": parameter.required and parameter.type is not ParameterType.Boolean,
    }
    if parameter.type is ParameterType.Secret:
        shared["required"] = parameter.required and not is_stored(stored)
        return SecretField(strip=False, max_length=LONGEST, **shared)
    return _plain_field(parameter, shared | {"initial": given})


def _sealed(text: str, name: str) -> str:
    return base64.b64encode(encrypt(text.encode(), table="form", row=name, field="typed")).decode()


def _opened(sealed: str | None, name: str) -> str | None:
    """What a page carried; nothing of it when that was changed."""
    try:
        cipher = base64.b64decode(sealed or "", validate=True)
        return decrypt(cipher, table="form", row=name, field="typed").decode() if cipher else None
    except (ValueError, SecretUnreadable):
        return None


def is_stored(value: Any) -> bool:
    """Whether it is a sealed secret."""
    return isinstance(value, Mapping) and SEALED in value


def is_absent(parameter: Parameter, value: Any) -> bool:
    """Whether a cleaned value means that the parameter is left out; an emptied default is not."""
    return value in (None, "", [], {}) and (value is None or not parameter.default)


def _plain_field(parameter: Parameter, shared: dict[str, Any]) -> forms.Field:
    match parameter.type:
        case ParameterType.Integer:
            return forms.IntegerField(min_value=parameter.minimum, max_value=parameter.maximum, **shared)
        case ParameterType.Boolean:
            return forms.BooleanField(**shared)
        case ParameterType.StringArray:
            return ListField(max_length=LONGEST, **shared)
        case ParameterType.StringMap:
            return MapField(max_length=LONGEST, **shared)
        case ParameterType.Json:
            return JsonField(max_length=LONGEST, **shared)
        case _:
            return _text_field(parameter, shared)


def _text_field(parameter: Parameter, shared: dict[str, Any]) -> forms.Field:
    if parameter.choices:
        return _menu([(each, each) for each in parameter.choices], shared, parameter=parameter)
    choices = offered(parameter.query)
    if choices is not None and not parameter.takes_tokens:
        return _menu(*_with_stored(choices, shared), parameter=parameter)
    widget: forms.Widget = forms.TextInput() if choices is None else Suggesting(choices)
    if parameter.type is ParameterType.Script:
        widget = forms.Textarea(attrs=_CODE)
    elif parameter.control is ControlType.TextArea:
        widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(max_length=LONGEST, strip=False, widget=widget, **shared)


def _menu(choices: Choices, shared: dict[str, Any], *, parameter: Parameter) -> forms.Field:
    empty = () if parameter.default else (("", "—"),)  # a first choice that nobody made would be stored
    return forms.ChoiceField(choices=[*empty, *choices], **shared)


def _with_stored(choices: Choices, shared: dict[str, Any]) -> tuple[Choices, dict[str, Any]]:
    """What is there no more, as it is stored, stays until another one is chosen; the checks tell of it."""
    stored = shared["initial"]
    known = next((value for value, _label in choices if _plain(value) == _plain(stored)), None)
    if known is not None or not stored:
        return choices, shared | {"initial": known or stored}
    return [*choices, (stored, _("%(value)s, not there any more") % {"value": stored})], shared


def _plain(value: Any) -> str:
    """Ids are written with and without dashes, in either case."""
    return str(value).replace("-", "").casefold()


def _help(parameter: Parameter, stored: Any) -> str:
    words = [parameter.help]
    if parameter.type is ParameterType.StringArray:
        words.append(str(_("One a line.")))
    if parameter.type is ParameterType.StringMap:
        words.append(str(_("One name: value a line.")))
    if is_stored(stored):
        words.append(str(_("A secret is stored; leave this empty to keep it.")))
    return " ".join(filter(None, words))


def _map_text(values: Mapping[str, Any]) -> str:
    lines = [
        (name, str(each))
        for name, value in values.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    if any("\n" in value or ":" in name or name.startswith("{") for name, value in lines):
        return json.dumps(values, indent=2, ensure_ascii=False)
    return "\n".join(f"{name}: {value}" for name, value in lines)


def _add(found: dict[str, Any], name: str, entry: str) -> None:
    if name not in found:
        found[name] = entry
    elif isinstance(found[name], list):
        found[name].append(entry)
    else:
        found[name] = [found[name], entry]
