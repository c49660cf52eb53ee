"""Why and from when a certificate is revoked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.vocabulary.revocation_reasons import RevocationReason

LONGEST_COMMENT = 4000
FINAL = (
    RevocationReason.Unspecified,
    RevocationReason.KeyCompromise,
    RevocationReason.AffiliationChanged,
    RevocationReason.Superseded,
    RevocationReason.CessationOfOperation,
)


class RevocationForm(forms.Form):
    """`is_on_hold` offers to lift the hold instead of setting one."""

    reason = forms.TypedChoiceField(label=_("Reason"), coerce=lambda value: RevocationReason(int(value)))
    comment = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the certificate is revoked.")},
    )
    effective_date = forms.DateTimeField(
        label=_("Effective Date"),
        required=False,
        help_text=_("In your time zone; at once when left empty."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *arguments: Any, is_on_hold: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        hold = RevocationReason.RemoveFromHold if is_on_hold else RevocationReason.CertificateHold
        offered = [hold, *FINAL] if is_on_hold else [*FINAL, hold]
        field = self.fields["reason"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [(int(reason), reason.label) for reason in offered]

    def clean_effective_date(self) -> datetime | None:
        """Workflows carry times in UTC."""
        given: datetime | None = self.cleaned_data["effective_date"]
        return given.astimezone(UTC) if given else None
