"""Values that requesters send for metadata fields and for a template's own enrollment fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from workflows.errors import InvalidInput
from workflows.models import CertificateTemplate, MetadataField
from workflows.pki.patterns import compile_pattern
from workflows.vocabulary.enrollment import MetadataDataType, MetadataEnrollment


def checked_metadata(given: Mapping[str, Any], known: Iterable[MetadataField]) -> dict[str, Any]:
    """`given` under the fields' own names, defaults filled in; raises InvalidInput naming every bad field."""
    fields = {field.name.casefold(): field for field in known}
    problems = [f"There is no metadata field '{name}'." for name in given if name.casefold() not in fields]
    values = {
        fields[name.casefold()].name: value for name, value in given.items() if name.casefold() in fields
    }
    for field in fields.values():
        if values.get(field.name) in (None, "") and field.default_value:
            values[field.name] = field.default_value
        problems += _required(field, values)
        problems += value_problems(field, values.get(field.name))
    if problems:
        raise InvalidInput(" ".join(problems))
    return {name: value for name, value in values.items() if value not in (None, "")}


def changed(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`before` with the given fields set, or removed where the value is empty; raises InvalidInput."""
    fields = {field.name.casefold(): field for field in MetadataField.objects.filter(allow_api=True)}
    problems = [
        f"There is no metadata field '{name}' that may be set here."
        for name in given
        if name.casefold() not in fields
    ]
    values = {fields[name.casefold()]: value for name, value in given.items() if name.casefold() in fields}
    for field, value in values.items():
        problems += value_problems(field, value)
    if problems:
        raise InvalidInput(" ".join(problems))
    after = {**before, **{field.name: value for field, value in values.items()}}
    return {name: value for name, value in after.items() if value not in (None, "")}


def checked_fields(template: CertificateTemplate, given: Mapping[str, Any]) -> dict[str, Any]:
    """The additional enrollment fields that the template knows; raises InvalidInput for others."""
    known = {each["Name"].casefold(): each for each in template.enrollment_fields}
    values: dict[str, Any] = {}
    for name, value in given.items():
        field = known.get(name.casefold())
        if field is None:
            raise InvalidInput(f"The template {template.common_name} has no enrollment field '{name}'.")
        options = field.get("Options") or []
        if options and value not in options:
            raise InvalidInput(f"Enrollment field {field['Name']} must be one of {', '.join(options)}.")
        values[field["Name"]] = value
    return values


def value_problems(field: MetadataField, value: Any) -> list[str]:
    """Why `value` does not fit the field; nothing for an absent one."""
    if value in (None, ""):
        return []
    if isinstance(value, list | dict):
        return [f"Metadata field {field.name} takes one value, not a list or an object."]
    fits = _FITS[MetadataDataType(field.data_type)]
    if not fits(field, str(value)):
        return [f"Metadata field {field.name} must be {_WORDS[MetadataDataType(field.data_type)]}."]
    if field.validation and not compile_pattern(field.validation).is_found_in(str(value)):
        return [field.message or f"Metadata field {field.name} does not match {field.validation}."]
    return []


def _required(field: MetadataField, values: Mapping[str, Any]) -> list[str]:
    if field.enrollment == MetadataEnrollment.Required and values.get(field.name) in (None, ""):
        return [field.message or f"Metadata field {field.name} is required."]
    return []


def _is_integer(field: MetadataField, text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _is_date(field: MetadataField, text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_boolean(field: MetadataField, text: str) -> bool:
    return text.casefold() in {"true", "false"}


def _is_option(field: MetadataField, text: str) -> bool:
    return text in {option.strip() for option in field.options.split(",")}


def _is_text(field: MetadataField, text: str) -> bool:
    return len(text) <= 4000


def _is_long_text(field: MetadataField, text: str) -> bool:
    return len(text) <= 100_000


def _is_mail(field: MetadataField, text: str) -> bool:
    return "@" in text.strip("@") and len(text) <= 320


_FITS: dict[MetadataDataType, Callable[[MetadataField, str], bool]] = {
    MetadataDataType.String: _is_text,
    MetadataDataType.Integer: _is_integer,
    MetadataDataType.Date: _is_date,
    MetadataDataType.Boolean: _is_boolean,
    MetadataDataType.MultipleChoice: _is_option,
    MetadataDataType.BigText: _is_long_text,
    MetadataDataType.Email: _is_mail,
}
_WORDS: dict[MetadataDataType, str] = {
    MetadataDataType.String: "text of at most 4,000 characters",
    MetadataDataType.Integer: "a whole number",
    MetadataDataType.Date: "a date such as 2026-11-22",
    MetadataDataType.Boolean: "True or False",
    MetadataDataType.MultipleChoice: "one of its options",
    MetadataDataType.BigText: "text of at most 100,000 characters",
    MetadataDataType.Email: "an e-mail address",
}
