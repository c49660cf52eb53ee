"""Metadata fields as form fields: each data type has the control that fits it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from workflows.actions.metadata_values import value_problems
from workflows.models import MetadataField
from workflows.vocabulary.enrollment import MetadataDataType, MetadataEnrollment

_EMPTY = ("", "—")
_TRUTHS = (_EMPTY, ("True", "Yes"), ("False", "No"))


@dataclass(frozen=True)
class MetadataInput:
    """One metadata field of an enrollment form."""

    field: MetadataField

    @property
    def name(self) -> str:
        """Of the form field."""
        return f"metadata_{self.field.pk}"

    def form_field(self) -> forms.Field:
        field = self.field
        return _FIELDS[MetadataDataType(field.data_type)](
            field,
            label=field.name,
            help_text=field.hint or field.description,
            required=field.enrollment == MetadataEnrollment.Required,
            initial=field.default_value or None,
            validators=[self._check],
        )

    def text(self, value: Any) -> str:
        """The cleaned value as enrollments carry it."""
        if value is None:
            return ""
        return value.isoformat() if isinstance(value, date) else str(value).replace("\r\n", "\n")

    def _check(self, value: Any) -> None:
        if problems := value_problems(self.field, self.text(value)):
            raise ValidationError(problems)


def metadata_inputs() -> list[MetadataInput]:
    """Those that requesters are asked for, in their order; one query."""
    fields = MetadataField.objects.exclude(enrollment=MetadataEnrollment.Hidden)
    return [MetadataInput(field) for field in fields.order_by("display_order", "name")]


def _options(field: MetadataField, **arguments: Any) -> forms.Field:
    options = (option.strip() for option in field.options.split(","))
    return forms.ChoiceField(choices=[_EMPTY, *((option, option) for option in options)], **arguments)


_FIELDS: dict[MetadataDataType, Callable[..., forms.Field]] = {
    MetadataDataType.String: lambda _field, **arguments: forms.CharField(max_length=4000, **arguments),
    MetadataDataType.Integer: lambda _field, **arguments: forms.IntegerField(**arguments),
    MetadataDataType.Date: lambda _field, **arguments: forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **arguments
    ),
    MetadataDataType.Boolean: lambda _field, **arguments: forms.ChoiceField(choices=_TRUTHS, **arguments),
    MetadataDataType.MultipleChoice: _options,
    MetadataDataType.BigText: lambda _field, **arguments: forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), max_length=100_000, **arguments
    ),
    MetadataDataType.Email: lambda _field, **arguments: forms.EmailField(**arguments),
}
