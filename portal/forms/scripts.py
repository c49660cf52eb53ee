"""Stored scripts: typed, pasted or uploaded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.actions.scripts import WORKFLOW_CATEGORY
from workflows.models import Script

LARGEST = 1_000_000  # characters, as the API takes


class ScriptForm(forms.Form):
    """`script` is the one to change, whose name stays; without it a new one is made."""

    name = forms.CharField(
        label=_("Name"), max_length=256, help_text=_("Steps call it by this name, which never changes.")
    )
    contents = forms.CharField(
        label=_("Script"),
        max_length=LARGEST,
        strip=False,
        error_messages={"required": _("Write a script, or choose a file that holds one.")},
        widget=forms.Textarea(
            attrs={"class": "code", "rows": 16, "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
    file = forms.FileField(
        label=_("Or a file with the script"),
        required=False,
        help_text=_("It takes the place of the text above."),
        widget=forms.FileInput(attrs={"accept": ".ps1,.psm1,.txt"}),
    )
    for_workflows = forms.BooleanField(label=_("Workflow steps may run it"), required=False, initial=True)

    def __init__(self, *arguments: Any, script: Script | None = None, **named: Any) -> None:
        if script is not None:
            is_for_workflows = WORKFLOW_CATEGORY in script.categories
            named["initial"] = {"contents": script.contents, "for_workflows": is_for_workflows}
        super().__init__(*arguments, **named)
        self.categories = set(script.categories) if script else set()
        self.fields["contents"].required = "file" not in self.files
        if script is not None:
            del self.fields["name"]

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 1 MB, so it is no script."))
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is no text in UTF-8.")) from None
        if "\0" in text:
            raise forms.ValidationError(_("The file is no text in UTF-8."))
        return text

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes; the form must be valid. Categories of others stay."""
        cleaned = self.cleaned_data
        own = {WORKFLOW_CATEGORY} if cleaned["for_workflows"] else set()
        return {
            "contents": cleaned["file"] or cleaned["contents"].replace("\r\n", "\n"),
            "categories": sorted(self.categories - {WORKFLOW_CATEGORY} | own),
        }
