"""What differs between two states of a definition: in comparisons and in refused saves."""

from __future__ import annotations

from rest_framework import serializers

from workflows.api.serializers.base import AnyValue, Serializer, Text


class FieldChange(Serializer):
    Field = Text(source="field", help_text="Such as Outputs.continue or ConfigurationParameters.Subject.")
    From = AnyValue(source="before", allow_null=True)
    To = AnyValue(source="after", allow_null=True)
    IsWithheld = serializers.BooleanField(
        source="is_withheld",
        help_text="It changed and is not shown: a secret, or configuration of a definition that the caller "
        "may not read.",
    )


class ChangedStep(Serializer):
    UniqueName = Text()
    DisplayName = Text()
    Kind = serializers.ChoiceField(choices=["Added", "Removed", "Changed"])
    Changes = FieldChange(many=True)
