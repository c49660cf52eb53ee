"""What a definition is called, which keys it serves, and how one comes from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.confirming import TYPED
from portal.forms.json_texts import parsed
from workflows.engine import registry
from workflows.models import CertificateTemplate

TEMPLATES = "CertificateTemplate"  # the key type whose objects have names here
LARGEST_FILE = 1_000_000
_TEXTS = ("DisplayName", "Description", "WorkflowType")
LONGEST_NAME, LONGEST_DISPLAY_NAME = 128, 255


class TypeForm(forms.Form):
    """Which kind of event the new definition is for."""

    type = forms.ChoiceField(label=_("What starts it"), widget=forms.RadioSelect)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["type"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.name.value, each.display_name) for each in registry.workflow_types()]


class DefinitionForm(forms.Form):
    """`workflow_type` decides what keys are; a global definition takes none."""

    display_name = forms.CharField(label=_("Name"), max_length=255)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *arguments: Any, workflow_type: str, is_global: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        spec = registry.workflow_type(workflow_type)
        if spec is not None and not is_global:
            self.fields["keys"] = _template_keys() if spec.key_type == TEMPLATES else _number_keys()

    @property
    def keys(self) -> list[str] | None:
        """The keys that were chosen; None where there is nothing to choose."""
        given = self.cleaned_data.get("keys")
        return given.split() if isinstance(given, str) else given

    def ask_to_type(self, why: str) -> None:
        """Ask for the words without which what waits is not started (D20)."""
        self.fields[TYPED] = forms.CharField(
            label=_("Type the words named above to go on"),
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        )
        self.add_error(None, why)


class ImportForm(forms.Form):
    """A definition as the export gives it (GET /Workflow/Definitions/{id})."""

    document = forms.CharField(
        label=_("Definition as JSON"),
        required=False,
        max_length=LARGEST_FILE,
        widget=forms.Textarea(attrs={"class": "code", "rows": 12, "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("Or a file"), required=False, widget=forms.FileInput())
    roles = forms.TypedMultipleChoiceField(
        label=_("Roles that answer where the file names none"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *arguments: Any, roles: Sequence[tuple[int, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["roles"]
        if isinstance(field, forms.ChoiceField):
            field.choices = roles

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                self.cleaned_data["definition"] = self._definition()
            except forms.ValidationError as error:
                self.add_error("file" if self.cleaned_data["file"] else "document", error)
        return self.cleaned_data

    def _definition(self) -> dict[str, Any]:
        found = parsed(self._content())
        if not isinstance(found, dict) or not isinstance(found.get("Steps"), list):
            raise forms.ValidationError(_("This is no definition: it needs a list of Steps."))
        if not all(_is_step(each) for each in found["Steps"]):
            raise forms.ValidationError(
                _("A step is not of the form that exports have: UniqueName, ExtensionName, Outputs …")
            )
        if not isinstance(found.get("Enabled", True), bool):
            raise forms.ValidationError(_("Enabled must be true or false."))
        if wrong := [name for name in _TEXTS if not isinstance(found.get(name) or "", str)]:
            raise forms.ValidationError(_("%(names)s must be text.") % {"names": ", ".join(wrong)})
        return found

    def _content(self) -> str | bytes:
        file = self.cleaned_data.get("file")
        if file is None:
            return str(self.cleaned_data.get("document") or "")
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 1 MB, so it is no definition."))
        return bytes(file.read())


def _is_step(given: Any) -> bool:
    """Whether the parts of a step are of the kinds that `documents.prepare` takes for granted."""
    if not isinstance(given, dict):
        return False
    names = [given.get(name) for name in ("UniqueName", "ExtensionName")]
    outputs = given.get("Outputs") or {}
    return (
        all(isinstance(name, str) and 0 < len(name) <= LONGEST_NAME for name in names)
        and isinstance(given.get("DisplayName") or "", str)
        and len(given.get("DisplayName") or "") <= LONGEST_DISPLAY_NAME
        and isinstance(given.get("Enabled", True), bool)
        and isinstance(given.get("ConfigurationParameters") or {}, dict)
        and isinstance(outputs, dict)
        and all(isinstance(target, str | None) for target in outputs.values())
        and all(isinstance(each, dict) for each in _listed(given, "Conditions"))
        and all(_is_signal(each) for each in _listed(given, "Signals"))
    )


def _is_signal(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and isinstance(given.get("SignalName"), str)
        and all(type(each) is int for each in _listed(given, "RoleIds"))
        and all(isinstance(each, str) for each in _listed(given, "RoleTokens"))
        and all(_is_role(each) for each in _listed(given, "Roles"))
    )


def _is_role(given: Any) -> bool:
    return isinstance(given, dict) and isinstance(given.get("RoleName") or "", str)


def _listed(given: dict[str, Any], name: str) -> list[Any]:
    """The list of that name; one that no check lets through where it is none."""
    found = given.get(name) or []
    return found if isinstance(found, list) else [None]


def _template_keys() -> forms.Field:
    rows = CertificateTemplate.objects.order_by("display_name").values_list("pk", "display_name")
    return forms.MultipleChoiceField(
        label=_("Templates that it serves"),
        required=False,
        choices=[(str(key), name) for key, name in rows],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A template belongs to one definition only; the others take the global one."),
    )


def _number_keys() -> forms.Field:
    return forms.CharField(
        label=_("Keys that it serves"),
        required=False,
        max_length=4000,
        help_text=_("Ids of the alerts, collections or stores, separated by blanks."),
    )
