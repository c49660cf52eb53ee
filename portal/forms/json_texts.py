"""JSON that is typed or uploaded, read and refused as the API does it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows import json_texts
from workflows.errors import MalformedBody


def parsed(content: str | bytes) -> Any:
    """The value; raises ValidationError that says where it is wrong."""
    try:
        octets = content.encode("utf-8", "replace") if isinstance(content, str) else content
        return json_texts.parse(octets, str(_("The JSON")))
    except MalformedBody as error:
        raise forms.ValidationError(str(error)) from None
