"""Enroll by CSR."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from portal.forms.enrollment import Choices, EnrollmentForm
from workflows.actions.enrollment_wishes import Wish
from workflows.errors import DomainError
from workflows.pki.requests import MAX_BYTES, parse_csr, to_pem


class CsrForm(EnrollmentForm):
    """A request as text or as a file; cleans to PEM."""

    formats: ClassVar[Choices] = (("PEM", "PEM"), ("DER", "DER"), ("P7B", "PKCS #7"))

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

    def typed(self) -> dict[str, Any]:
        """A browser gives no file twice, so what it holds moves into the text."""
        typed = super().typed()
        file: UploadedFile[bytes] | None = typed.pop("csr_file", None)
        if file is not None and (file.size or 0) <= MAX_BYTES:
            with suppress(DomainError):
                typed["csr"] = to_pem(parse_csr(file.read()).der)
        return typed

    def clean_csr_file(self) -> bytes:
        file: UploadedFile[bytes] | None = self.cleaned_data["csr_file"]
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
        """A file counts before the text, which may be what was read of an earlier file."""
        cleaned = super().clean()
        if file := cleaned.get("csr_file"):
            self._read("csr_file", file)
        elif text := cleaned.get("csr"):
            self._read("csr", text)
        return cleaned

    def wish(self) -> Wish:
        return Wish(csr=self.cleaned_data["csr"], **self.shared_wishes())

    def _read(self, field: str, given: str | bytes) -> None:
        try:
            self.request = parse_csr(given)
        except DomainError as error:
            self.add_error(field, str(error))
            return
        self.cleaned_data["csr"] = to_pem(self.request.der)
        if field == "csr_file":
            self._show(self.cleaned_data["csr"])

    def _show(self, pem: str) -> None:
        """In the text field, when the form comes back: the browser does not send the file again."""
        self.data = {**self.data, "csr": pem}
