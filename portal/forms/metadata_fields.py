"""A metadata field: how it is called, what it takes, when it is asked for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.vocabulary.enrollment import MetadataDataType, MetadataEnrollment

TYPES = (
    (MetadataDataType.String, _("Text")),
    (MetadataDataType.Integer, _("Whole number")),
    (MetadataDataType.Date, _("Date")),
    (MetadataDataType.Boolean, _("Yes or no")),
    (MetadataDataType.MultipleChoice, _("One of several")),
    (MetadataDataType.BigText, _("Long text")),
    (MetadataDataType.Email, _("E-mail address")),
)
ENROLLMENT = (
    (MetadataEnrollment.Optional, _("Offered")),
    (MetadataEnrollment.Required, _("Required")),
    (MetadataEnrollment.Hidden, _("Not shown")),
)


class MetadataFieldForm(forms.Form):
    """Its fields are those of the action."""

    name = forms.CharField(label=_("Name"), max_length=256, help_text=_("Letters, digits, - and _."))
    description = forms.CharField(label=_("Description"), max_length=1024, required=False)
    data_type = forms.TypedChoiceField(label=_("Takes"), coerce=int, choices=[(int(n), t) for n, t in TYPES])
    options = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=10_000,
        help_text=_("Separated by commas; only for one of several."),
    )
    enrollment = forms.TypedChoiceField(
        label=_("At enrollment"), coerce=int, choices=[(int(n), t) for n, t in ENROLLMENT]
    )
    hint = forms.CharField(label=_("Hint"), max_length=128, required=False)
    default_value = forms.CharField(label=_("Default"), max_length=100, required=False)
    validation = forms.CharField(
        label=_("Pattern"),
        max_length=4000,
        required=False,
        help_text=_("A regular expression that values must fit."),
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocapitalize": "none"}),
    )
    message = forms.CharField(
        label=_("What to say when a value does not fit"), max_length=1024, required=False
    )
    display_order = forms.IntegerField(
        label=_("Place in the list"), required=False, min_value=-(2**31), max_value=2**31 - 1
    )
    allow_api = forms.BooleanField(label=_("May be set by the API"), required=False, initial=True)
    explicit_update = forms.BooleanField(label=_("Changed only on purpose"), required=False)
