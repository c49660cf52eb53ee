"""Enroll by CSR."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.utils.translation import gettext_lazy as _

from portal.forms.enrollment import EnrollmentForm
from workflows.actions.enrollment_wishes import Wish
from workflows.errors import DomainError
from workflows.pki.requests import MAX_BYTES, parse_csr, to_pem


class CsrForm(EnrollmentForm):
    """A request as text or as a file; cleans to PEM."""

    csr = forms.CharField(
        label=_("Certificate signing request"),
        max_length=MAX_BYTES,
        error_messages={"required": _("Paste a signing request, or choose a file that holds one.")},
        help_text=_("The text from -----BEGIN to -----END."),
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "class": "mono",
                "spellcheck": "false",
                "autocapitalize": "none",
                "placeholder": "-----BEGIN CERTIFICATE REQUEST-----",
            }
        ),
    )
    csr_file = forms.FileField(
        label=_("Or a file with the request"),
        required=False,
        widget=forms.FileInput(attrs={"data-file-into": "id_csr", "accept": ".csr,.req,.pem,.p10,.der"}),
    )

    field_order = ("csr", "csr_file", "template")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["csr"].required = "csr_file" not in self.files

    def clean_csr_file(self) -> bytes:
        file: InMemoryUploadedFile | None = self.cleaned_data["csr_file"]
        if file is None:
            return b""
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)d kB, so it is no signing request.")
                % {"limit": MAX_BYTES // 1024}
            )
        content: bytes = file.read()
        return content

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for field in ("csr", "csr_file"):
            if given := cleaned.get(field):
                self._read(field, given)
                break
        return cleaned

    def wish(self) -> Wish:
        return Wish(csr=self.cleaned_data["csr"], **self.shared_wishes())

    def _read(self, field: str, given: str | bytes) -> None:
        try:
            self.request = parse_csr(given)
            self.cleaned_data["csr"] = to_pem(self.request.der)
        except DomainError as error:
            self.add_error(field, str(error))
