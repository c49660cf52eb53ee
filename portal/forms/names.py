"""Subject alternative names of an enrollment: one field for each kind, one name a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from workflows.errors import InvalidName
from workflows.pki.sans import MAX_COUNT, SanKind, san

SAN_FIELDS: Mapping[str, SanKind] = {
    "san_dns": SanKind.DNS,
    "san_ip4": SanKind.IP4,
    "san_ip6": SanKind.IP6,
    "san_email": SanKind.MAIL,
    "san_upn": SanKind.UPN,
}


class NamesField(forms.CharField):
    """Subject alternative names of one kind, one a line; cleans to the list of them as they were typed."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "none"})

    def __init__(self, kind: SanKind, **arguments: Any) -> None:
        super().__init__(required=False, max_length=100_000, **arguments)
        self.kind = kind

    def clean(self, value: Any) -> list[str]:
        names = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(names) > MAX_COUNT:
            raise forms.ValidationError(f"At most {MAX_COUNT} names are allowed.")
        problems = [problem for name in names if (problem := self._problem(name))]
        if problems:
            raise forms.ValidationError(problems)
        return names

    def _problem(self, name: str) -> str:
        try:
            san(self.kind.key, name)
        except InvalidName as error:
            return str(error)
        return ""
