"""Pick up a certificate with its key: the password that shall protect the file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.actions.certificate_files import Packing
from workflows.encryption import Secret

SHORTEST = 12  # characters; the file may fall into other hands, where guessing is free
FORMATS = (("PFX", _("PKCS #12 (.pfx)")), ("ZIP", _("PEM files (.zip)")))


class PickupForm(forms.Form):
    password = forms.CharField(
        label=_("Password of the file"),
        min_length=SHORTEST,
        max_length=1000,
        strip=False,
        help_text=_("At least 12 characters. It is not kept here; without it the file cannot be opened."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same once more"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    file_format = forms.ChoiceField(label=_("Format"), choices=FORMATS)
    include_chain = forms.BooleanField(label=_("Include the certificate chain"), required=False, initial=True)
    legacy = forms.BooleanField(
        label=_("For old software"),
        required=False,
        help_text=_("3DES with SHA-1 instead of AES-256, for importers that know nothing else."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "password" in cleaned and "again" in cleaned and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords differ."))
        return cleaned

    @property
    def secret(self) -> Secret[str]:
        return Secret(self.cleaned_data["password"])

    @property
    def packing(self) -> Packing:
        cleaned = self.cleaned_data
        return Packing(
            cleaned["file_format"], include_chain=cleaned["include_chain"], legacy=cleaned["legacy"]
        )
