"""Enroll for a certificate whose key is made here (PKCS#12)."""

from __future__ import annotations

from typing import Any, ClassVar

from cryptography import x509
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms.enrollment import BY_TEMPLATE, Choices, EnrollmentForm
from portal.forms.pickup import FORMATS
from workflows.actions.enrollment_wishes import Wish
from workflows.errors import InvalidName
from workflows.pki import attributes, names
from workflows.pki.keys import KeySpec, key_spec_from_json

# The parts of a subject as fields, most specific first, as names are written.
PARTS = {
    "common_name": "CN",
    "organizational_unit": "OU",
    "organization": "O",
    "city": "L",
    "state": "ST",
    "country": "C",
}


class PfxForm(EnrollmentForm):
    """The subject by its parts; `subject` is the name that they make."""

    formats: ClassVar[Choices] = FORMATS

    common_name = forms.CharField(label=_("Common name"), max_length=255)
    organization = forms.CharField(label=_("Organization"), max_length=255, required=False)
    organizational_unit = forms.CharField(label=_("Organizational unit"), max_length=255, required=False)
    city = forms.CharField(label=_("City"), max_length=255, required=False)
    state = forms.CharField(label=_("State or province"), max_length=255, required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, such as US.")
    )
    key = forms.ChoiceField(
        label=_("Key"),
        required=False,
        error_messages={"invalid_choice": _("The template does not allow the key %(value)s.")},
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._specs = {str(spec): spec for spec in self._offered_keys()}
        self._fill("key", [*BY_TEMPLATE, *((text, text) for text in self._specs)])
        self.fields["custom_name"].help_text = _(
            "How the file names the certificate; its common name when left empty."
        )

    def clean(self) -> dict[str, Any]:
        parts = []
        for field, label in PARTS.items():
            if value := self.cleaned_data.get(field):
                try:
                    parts.append(attributes.build(label, value))
                except InvalidName as error:
                    self.add_error(field, str(error))
        self.cleaned_data["subject"] = names.format_name(x509.Name(parts[::-1]))
        return super().clean()

    def wish(self) -> Wish:
        cleaned = self.cleaned_data
        spec = self._specs.get(cleaned["key"])
        return Wish(
            subject=cleaned["subject"],
            key_type=spec.type if spec else "",
            key_length=spec.bits if spec else 0,
            curve=(spec.curve or "") if spec else "",
            **self.shared_wishes(),
        )

    def _offered_keys(self) -> list[KeySpec]:
        """Those that the chosen template allows."""
        found = [key_spec_from_json(spec) for spec in (self.chosen.key_specs if self.chosen else ())]
        return sorted(dict.fromkeys(found), key=lambda spec: (spec.type, spec.bits))
