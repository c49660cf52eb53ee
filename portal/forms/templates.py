"""What an administrator may change of a certificate template (events-security-audit.md, 3.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.models import CertificateTemplate
from workflows.pki.keys import KeySpec, curve_spec, key_spec_from_json, rsa_spec
from workflows.pki.usages import KeyUsage
from workflows.vocabulary.enrollment import EnrollmentFieldType, EnrollmentType, KeyRetentionPolicy

OFFERED_KEYS = (
    *(rsa_spec(bits) for bits in (2048, 3072, 4096)),
    *(curve_spec(curve) for curve in ("P-256", "P-384", "P-521")),
)
SPARE_RULES = 2
RETENTION = (
    (KeyRetentionPolicy.Disabled, _("Dropped after pickup")),
    (KeyRetentionPolicy.Indefinite, _("Kept for ever")),
    (KeyRetentionPolicy.AfterExpiration, _("Kept until the certificate has expired")),
    (KeyRetentionPolicy.FromIssuance, _("Kept from issuance on")),
)


class TemplateForm(forms.Form):
    """`roles` are those that may be the only requesters."""

    display_name = forms.CharField(label=_("Name"), max_length=200)
    validity_days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=2**31 - 1)
    enrollment = forms.TypedMultipleChoiceField(
        label=_("May be enrolled by"),
        coerce=int,
        required=False,
        choices=[(int(EnrollmentType.CSR), "CSR"), (int(EnrollmentType.PFX), "PFX")],
        widget=forms.CheckboxSelectMultiple,
    )
    keys = forms.MultipleChoiceField(label=_("Allowed keys"), widget=forms.CheckboxSelectMultiple)
    key_usage = forms.MultipleChoiceField(
        label=_("Key usage"),
        required=False,
        choices=[(name, name) for name in KeyUsage.__members__],
        widget=forms.CheckboxSelectMultiple,
    )
    key_retention = forms.TypedChoiceField(
        label=_("Keys that the server makes"),
        coerce=int,
        choices=[(int(number), text) for number, text in RETENTION],
    )
    allow_wildcards = forms.BooleanField(label=_("Wildcard names are allowed"), required=False)
    require_san = forms.BooleanField(
        label=_("At least one subject alternative name is required"), required=False
    )
    use_allowed_requesters = forms.BooleanField(label=_("Only the roles below may request"), required=False)
    allowed_requesters = forms.MultipleChoiceField(
        label=_("Roles that may request"), required=False, widget=forms.CheckboxSelectMultiple
    )
    enrollment_fields = forms.CharField(
        label=_("Further questions to requesters"),
        required=False,
        max_length=10_000,
        help_text=_("One a line, as “Name” or “Name: one choice, another”."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *arguments: Any,
        template: CertificateTemplate,
        roles: Sequence[tuple[str, str]],
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self.initial.update(_initial(template))
        specs = dict.fromkeys([*OFFERED_KEYS, *map(key_spec_from_json, template.key_specs)])
        self._choices("keys", [(_key(spec), str(spec)) for spec in specs])
        self._choices("allowed_requesters", roles)
        rules = list(template.regexes.all())
        self.rules = len(rules) + SPARE_RULES
        for number in range(self.rules):
            rule = rules[number] if number < len(rules) else None
            self._add_rule(number, rule.subject_part if rule else "", rule.regex if rule else "")
            self.fields[f"rule_{number}_error"].initial = rule.error if rule else ""

    @property
    def sections(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        yield _("Template"), self._bound("display_name", "validity_days", "enrollment")
        yield _("Keys"), self._bound("keys", "key_usage", "key_retention")
        yield _("Names"), self._bound("allow_wildcards", "require_san")
        yield _("Rules for parts of the subject"), self._bound(*self._rule_names)
        yield (
            _("Requesters"),
            self._bound("use_allowed_requesters", "allowed_requesters", "enrollment_fields"),
        )

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes; the form must be valid."""
        cleaned = self.cleaned_data
        same = (
            *("display_name", "validity_days", "key_usage", "key_retention"),
            *("allow_wildcards", "require_san", "use_allowed_requesters", "allowed_requesters"),
        )
        return {name: cleaned[name] for name in same} | {
            "allowed_enrollment_types": sum(cleaned["enrollment"]),
            "key_specs": [json.loads(text) for text in cleaned["keys"]],
            "enrollment_fields": _questions(cleaned["enrollment_fields"]),
            "regexes": list(self._rules()),
        }

    @property
    def _rule_names(self) -> list[str]:
        return [name for name in self.fields if name.startswith("rule_")]

    def _bound(self, *names: str) -> list[BoundField]:
        return [self[name] for name in names]

    def _choices(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _add_rule(self, number: int, part: str, regex: str) -> None:
        mono = forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocapitalize": "none"})
        shown = {"number": number + 1}
        self.fields[f"rule_{number}_part"] = forms.CharField(
            label=_("Rule %(number)d: part, such as CN or O") % shown,
            required=False,
            max_length=20,
            initial=part,
        )
        self.fields[f"rule_{number}_regex"] = forms.CharField(
            label=_("Rule %(number)d: pattern") % shown,
            required=False,
            max_length=1000,
            initial=regex,
            widget=mono,
        )
        self.fields[f"rule_{number}_error"] = forms.CharField(
            label=_("Rule %(number)d: what to say when it is broken") % shown,
            required=False,
            max_length=1000,
        )

    def _rules(self) -> Iterator[dict[str, str]]:
        """Those with a part and a pattern; an emptied one is no rule any more."""
        for number in range(self.rules):
            part, regex, error = (
                self.cleaned_data[f"rule_{number}_{name}"] for name in ("part", "regex", "error")
            )
            if part and regex:
                yield {"subject_part": part, "regex": regex, "error": error}


def _initial(template: CertificateTemplate) -> dict[str, Any]:
    same = (
        *("display_name", "validity_days", "key_usage", "key_retention"),
        *("allow_wildcards", "require_san", "use_allowed_requesters"),
    )
    return {name: getattr(template, name) for name in same} | {
        "enrollment": [int(bit) for bit in EnrollmentType(template.allowed_enrollment_types)],
        "keys": [_key(key_spec_from_json(spec)) for spec in template.key_specs],
        "allowed_requesters": [role.name for role in template.allowed_requesters.all()],
        "enrollment_fields": "\n".join(_question_line(each) for each in template.enrollment_fields),
    }


def _key(spec: KeySpec) -> str:
    return json.dumps(spec.to_json(), sort_keys=True)


def _question_line(field: dict[str, Any]) -> str:
    options = ", ".join(field.get("Options") or [])
    return f"{field['Name']}: {options}" if options else field["Name"]


def _questions(text: str) -> list[dict[str, Any]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [_question(number, line) for number, line in enumerate(lines, start=1)]


def _question(number: int, line: str) -> dict[str, Any]:
    name, _colon, rest = line.partition(":")
    options = [option.strip() for option in rest.split(",") if option.strip()]
    kind = EnrollmentFieldType.MultipleChoice if options else EnrollmentFieldType.String
    return {"Id": number, "Name": name.strip(), "Options": options, "DataType": int(kind)}
