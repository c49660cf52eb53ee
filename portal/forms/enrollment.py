"""The fields that both ways of enrolling share: template, names, metadata (see templates/enroll/csr.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.forms.metadata import MetadataInput, metadata_inputs
from workflows.access.actors import Actor
from workflows.actions.enrollment_wishes import Wish
from workflows.errors import InvalidName
from workflows.models import CertificateTemplate
from workflows.pki.requests import ParsedRequest
from workflows.pki.sans import MAX_COUNT, SanKind, san

Words = str | Promise

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


class EnrollmentForm(forms.Form):
    """`templates` are those that `actor` may enroll for; `request` is what could be read of a CSR."""

    request: ParsedRequest | None = None

    template = forms.ChoiceField(label=_("Template"))
    certificate_authority = forms.ChoiceField(label=_("Certificate Authority"), required=False)
    san_dns = NamesField(SanKind.DNS, label=_("DNS names"))
    san_ip4 = NamesField(SanKind.IP4, label=_("IPv4 addresses"))
    san_ip6 = NamesField(SanKind.IP6, label=_("IPv6 addresses"))
    san_email = NamesField(SanKind.MAIL, label=_("E-mail addresses"))
    san_upn = NamesField(SanKind.UPN, label=_("User principal names"))
    renews = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    requester_email = forms.EmailField(
        label=_("E-mail of the requester"),
        required=False,
        help_text=_("For mails that the workflow sends to the requester."),
    )
    include_chain = forms.BooleanField(
        label=_("Include the certificate chain"),
        required=False,
        help_text=_("The certificates of the CA come with the answer."),
    )

    def __init__(
        self, *arguments: Any, templates: Sequence[CertificateTemplate], actor: Actor, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self.templates, self.actor = templates, actor
        self._fill_choices()
        self._attributes = self._add_attributes()
        self._metadata = metadata_inputs()
        for entry in self._metadata:
            self.fields[entry.name] = entry.form_field()

    @property
    def metadata_fields(self) -> list[BoundField]:
        return [self[entry.name] for entry in self._metadata]

    @property
    def attribute_fields(self) -> list[BoundField]:
        return [self[name] for name in self._attributes]

    @property
    def has_sans(self) -> bool:
        """Whether there are names, so that their part is shown open."""
        return any(self[name].value() for name in SAN_FIELDS)

    def wish(self) -> Wish:
        """What the person asks for; the form must be valid."""
        raise NotImplementedError  # each way of enrolling has its own

    def shared_wishes(self) -> dict[str, Any]:
        """The arguments of a Wish that both ways of enrolling have."""
        cleaned = self.cleaned_data
        return {
            "template": cleaned["template"],
            "authority": cleaned["certificate_authority"],
            "sans": {kind.key: cleaned[name] for name, kind in SAN_FIELDS.items() if cleaned[name]},
            "metadata": _typed(self._metadata, cleaned),
            "additional_fields": {
                label: cleaned[name] for name, label in self._attributes.items() if cleaned[name]
            },
            "renewal_certificate_id": cleaned["renews"],
            "requester_email": cleaned["requester_email"],
            "include_chain": cleaned["include_chain"],
        }

    def _fill_choices(self) -> None:
        templates = [
            (each.common_name, f"{each.display_name} ({each.common_name})") for each in self.templates
        ]
        authorities = dict.fromkeys(str(each.certificate_authority) for each in self.templates)
        self._fill("template", templates)
        self._fill(
            "certificate_authority",
            [("", _("Chosen by the template")), *((name, name) for name in authorities)],
        )

    def _fill(self, name: str, choices: Sequence[tuple[str, Words]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _add_attributes(self) -> dict[str, str]:
        """A field for each enrollment field of the chosen template; returns their names and labels."""
        chosen = self["template"].value() or next((each.common_name for each in self.templates), "")
        template = next((each for each in self.templates if each.common_name == chosen), None)
        labels = {}
        for number, described in enumerate(template.enrollment_fields if template else ()):
            name = f"attribute_{number}"
            self.fields[name] = _attribute_field(described)
            labels[name] = described["Name"]
        return labels


def _attribute_field(described: Mapping[str, Any]) -> forms.Field:
    if options := described.get("Options"):
        choices = [("", "—"), *((option, option) for option in options)]
        return forms.ChoiceField(label=described["Name"], choices=choices, required=False)
    return forms.CharField(label=described["Name"], max_length=4000, required=False)


def _typed(inputs: Sequence[MetadataInput], cleaned: Mapping[str, Any]) -> dict[str, str]:
    given = ((entry.field.name, entry.text(cleaned[entry.name])) for entry in inputs)
    return {name: text for name, text in given if text}
