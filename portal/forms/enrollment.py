"""The fields that both ways of enrolling share (see templates/enroll/csr.html).

Some depend on the template: its CA, its keys, what else it asks. The form is made for the one that is chosen,
and a choice whose questions were not on the page comes back with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.forms.attributes import attribute_fields, attribute_names
from portal.forms.metadata import MetadataInput, metadata_inputs
from portal.forms.names import SAN_FIELDS, NamesField
from workflows.access.actors import Actor
from workflows.actions.enrollment_wishes import Wish
from workflows.models import CertificateTemplate, Role
from workflows.pki.requests import ParsedRequest
from workflows.pki.sans import SanKind

Words = str | Promise
Choices = Sequence[tuple[str, Words]]

BY_TEMPLATE: Choices = (("", _("Chosen by the template")),)
USE = "use"
"""What is sent when only another template is chosen."""

# Another template brings its own questions at once (the part #of-template of the page).
_SWAP = {
    "hx-post": "",
    "hx-vals": f'{{"{USE}": "1"}}',
    "hx-target": "#of-template",
    "hx-select": "#of-template",
    "hx-select-oob": "#verdict,#opinion",  # which were about the template before
    "hx-swap": "outerHTML",
    "hx-sync": "this:replace",
}


class EnrollmentForm(forms.Form):
    """`templates` are those that `actor` may enroll for; `request` is what could be read of a CSR."""

    formats: ClassVar[Choices]
    request: ParsedRequest | None = None

    template = forms.ChoiceField(label=_("Template"), widget=forms.Select(attrs=_SWAP))
    certificate_authority = forms.ChoiceField(label=_("Certificate Authority"), required=False)
    san_dns = NamesField(SanKind.DNS, label=_("DNS names"))
    san_ip4 = NamesField(SanKind.IP4, label=_("IPv4 addresses"))
    san_ip6 = NamesField(SanKind.IP6, label=_("IPv6 addresses"))
    san_email = NamesField(SanKind.MAIL, label=_("E-mail addresses"))
    san_upn = NamesField(SanKind.UPN, label=_("User principal names"))
    renews = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    owner_role = forms.ChoiceField(
        label=_("Owner role"), required=False, help_text=_("The role that answers for the certificate.")
    )
    custom_name = forms.CharField(
        label=_("Friendly name"),
        max_length=255,
        required=False,
        help_text=_("A name of your own for the certificate."),
    )
    certificate_format = forms.ChoiceField(
        label=_("Format"), required=False, help_text=_("Offered first once it is issued; others stay open.")
    )
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
        self._fill("template", [(each.common_name, _template_label(each)) for each in templates])
        self.chosen = self._chosen()
        self._fill_by_template()
        self._fill_delivery()
        self._metadata = metadata_inputs()
        self.fields.update({entry.name: entry.form_field() for entry in self._metadata})

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

    def typed(self) -> dict[str, Any]:
        """What was typed, as initial values of the form for another template."""
        return {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
        }

    def clean(self) -> dict[str, Any]:
        unasked = [label for name, label in self._attributes.items() if name not in self.data]
        if unasked:
            self.add_error(None, _asks_more(self.chosen, unasked))
        return self.cleaned_data

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
            "owner_role_id": int(cleaned["owner_role"]) if cleaned["owner_role"] else None,
            "custom_name": cleaned["custom_name"],
            "certificate_format": cleaned["certificate_format"] or self.formats[0][0],
            "requester_email": cleaned["requester_email"],
            "include_chain": cleaned["include_chain"],
        }

    def _chosen(self) -> CertificateTemplate | None:
        """The template that the form is made for: the first, unless another one is named."""
        if not (name := self["template"].value()):
            return next(iter(self.templates), None)
        return next((each for each in self.templates if each.common_name == name), None)

    def _fill_by_template(self) -> None:
        authority = str(self.chosen.certificate_authority) if self.chosen else ""
        own = [(authority, authority)] if authority else []
        self._fill("certificate_authority", [*BY_TEMPLATE, *own])
        self._attributes = attribute_names(self.chosen)
        self.fields.update(attribute_fields(self.chosen))

    def _fill_delivery(self) -> None:
        roles = Role.objects.filter(pk__in=self.actor.role_ids).order_by("name").values_list("pk", "name")
        self._fill("owner_role", [("", "—"), *((str(pk), name) for pk, name in roles)])
        self._fill("certificate_format", self.formats)

    def _fill(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


def _template_label(template: CertificateTemplate) -> str:
    return f"{template.display_name} ({template.common_name})"


def _asks_more(template: CertificateTemplate | None, labels: Sequence[str]) -> str:
    return _("%(template)s asks for more: %(labels)s. Answer it below, then send again.") % {
        "template": template.display_name if template else "",
        "labels": ", ".join(labels),
    }


def _typed(inputs: Sequence[MetadataInput], cleaned: Mapping[str, Any]) -> dict[str, str]:
    given = ((entry.field.name, entry.text(cleaned[entry.name])) for entry in inputs)
    return {name: text for name, text in given if text}
