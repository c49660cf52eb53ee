"""Enroll for a certificate whose key is made here (PKCS#12)."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms.enrollment import EnrollmentForm
from workflows.actions.enrollment_wishes import Wish
from workflows.errors import InvalidName
from workflows.models import Role
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

    common_name = forms.CharField(label=_("Common name"), max_length=255)
    organization = forms.CharField(label=_("Organization"), max_length=255, required=False)
    organizational_unit = forms.CharField(label=_("Organizational unit"), max_length=255, required=False)
    city = forms.CharField(label=_("City"), max_length=255, required=False)
    state = forms.CharField(label=_("State or province"), max_length=255, required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, such as US.")
    )
    key = forms.ChoiceField(label=_("Key"), required=False)
    custom_name = forms.CharField(
        label=_("Friendly name"),
        max_length=255,
        required=False,
        help_text=_("How the file names the certificate; its common name when left empty."),
    )
    owner_role = forms.ChoiceField(label=_("Owner"), required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._specs = {str(spec): spec for spec in self._offered_keys()}
        self._fill("key", [("", _("Chosen by the template")), *((text, text) for text in self._specs)])
        roles = Role.objects.filter(pk__in=self.actor.role_ids).order_by("name").values_list("pk", "name")
        self._fill("owner_role", [("", "—"), *((str(pk), name) for pk, name in roles)])

    def clean(self) -> dict[str, Any]:
        parts = []
        for field, label in PARTS.items():
            if value := self.cleaned_data.get(field):
                try:
                    parts.append(attributes.build(label, value))
                except InvalidName as error:
                    self.add_error(field, str(error))
        self.cleaned_data["subject"] = names.format_name(x509.Name(parts[::-1]))
        return self.cleaned_data

    def wish(self) -> Wish:
        cleaned = self.cleaned_data
        spec = self._specs.get(cleaned["key"])
        return Wish(
            subject=cleaned["subject"],
            key_type=spec.type if spec else "",
            key_length=spec.bits if spec else 0,
            curve=(spec.curve or "") if spec else "",
            custom_name=cleaned["custom_name"],
            owner_role_id=int(cleaned["owner_role"]) if cleaned["owner_role"] else None,
            **self.shared_wishes(),
        )

    def _offered_keys(self) -> list[KeySpec]:
        """Those that any of the templates allows; the template that is chosen has the last word."""
        found = [key_spec_from_json(spec) for template in self.templates for spec in template.key_specs]
        return sorted(dict.fromkeys(found), key=lambda spec: (spec.type, spec.bits))
