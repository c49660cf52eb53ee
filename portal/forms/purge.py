"""The bounds of a purge: how long ago instances ended, and as what."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.looks import look_of
from workflows.actions import configured, purge_now
from workflows.actions.purging import Rule
from workflows.actions.setting_kinds import Number
from workflows.errors import InvalidInput
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

DAYS = Number(1, configured.YEARS)


class PurgeForm(forms.Form):
    """Days and statuses, begun with what the application settings say."""

    days = forms.CharField(
        label=_("Days since they ended"),
        widget=forms.NumberInput(attrs={"min": DAYS.minimum, "max": DAYS.maximum}),
        error_messages={"required": _("Say after how many days.")},
    )
    statuses = forms.MultipleChoiceField(
        label=_("Statuses to delete"),
        choices=[(each.name, look_of(each).label) for each in InstanceStatus if each in FINISHED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one status."),
            "invalid_choice": _("Only finished instances can be deleted."),
        },
    )

    def clean_days(self) -> int:
        try:
            return DAYS.parse(self.cleaned_data["days"])
        except InvalidInput as error:
            raise forms.ValidationError(f"It {error}.") from None

    @property
    def rule(self) -> Rule | None:
        """What is old by these bounds, which are valid."""
        return purge_now.rule(self.cleaned_data["days"], ",".join(self.cleaned_data["statuses"]))
