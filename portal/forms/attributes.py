"""What a template asks requesters beyond its names (its enrollment fields), as form fields."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms

from workflows.models import CertificateTemplate


def attribute_names(template: CertificateTemplate | None) -> dict[str, str]:
    """Labels by the names of their form fields; a name stays with its question wherever that moves."""
    described = template.enrollment_fields if template else []
    return {attribute_name(each["Name"]): each["Name"] for each in described}


def attribute_name(label: str) -> str:
    return f"attribute_{hashlib.sha256(label.encode()).hexdigest()[:12]}"


def attribute_fields(template: CertificateTemplate | None) -> dict[str, forms.Field]:
    described = template.enrollment_fields if template else []
    return {attribute_name(each["Name"]): _field(each) for each in described}


def _field(described: Mapping[str, Any]) -> forms.Field:
    if options := described.get("Options"):
        choices = [("", "—"), *((option, option) for option in options)]
        return forms.ChoiceField(label=described["Name"], choices=choices, required=False)
    return forms.CharField(label=described["Name"], max_length=4000, required=False)
