"""What a parameter may hold, where a list of the product has all of it (`Parameter.query`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.presenters.steps import workflow_type_label
from workflows.actions.scripts import WORKFLOW_CATEGORY
from workflows.engine.contracts import Query
from workflows.models import CertificateTemplate, Definition, MetadataField, Role, Script
from workflows.steps.start_workflow import NEED_REQUEST

Choices = Sequence[tuple[str, str]]
MOST = 500  # options of a menu; where there are more, people type what they look for


def offered(query: Query | None) -> Choices | None:
    """The values by name, each with its label; None where no list is known, or it is too long for a menu."""
    read = _LISTS.get(query) if query else None
    found = read() if read else []
    return found if read and len(found) <= MOST else None


class Suggesting(forms.TextInput):
    """A text for which values are suggested; any other, such as a token, may be typed all the same."""

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.choices = choices

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        suggestions = f"{name}-suggestions"
        shown = super().render(name, value, {**(attrs or {}), "list": suggestions}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.choices)
        return format_html('{}<datalist id="{}">{}</datalist>', shown, suggestions, options)


def _named(rows: Any, column: str) -> Callable[[], Choices]:
    return lambda: [
        (name, name) for name in rows().order_by(column).values_list(column, flat=True)[: MOST + 1]
    ]


def _definitions() -> Choices:
    """Those that a step may start."""
    rows = Definition.objects.filter(deleted_at=None).exclude(workflow_type__in=NEED_REQUEST)
    named = rows.order_by("latest__display_name", "pk").values_list(
        "guid", "latest__display_name", "workflow_type"
    )
    return [(str(guid), f"{name} ({workflow_type_label(kind)})") for guid, name, kind in named[: MOST + 1]]


_LISTS: Mapping[Query, Callable[[], Choices]] = {
    Query("/Templates", "CommonName"): _named(CertificateTemplate.objects.all, "common_name"),
    Query("/Workflow/Definitions", "Id"): _definitions,
    Query("/Extensions/Scripts", "Name"): _named(
        lambda: Script.objects.filter(categories__contains=[WORKFLOW_CATEGORY]), "name"
    ),
    Query("/MetadataFields", "Name"): _named(MetadataField.objects.all, "name"),
    Query("/Security/Roles", "Name"): _named(lambda: Role.objects.filter(enabled=True), "name"),
}
