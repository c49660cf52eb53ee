"""Metadata fields: the named values that people attach to certificates (events-security-audit.md, 3.6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.duplicates import refused_when_taken
from workflows.actions.freshness import check_seen, etag_of
from workflows.actions.metadata_values import value_problems
from workflows.errors import InvalidInput, NotFound, Protected
from workflows.models import Certificate, MetadataField
from workflows.pki.patterns import compile_pattern
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import MetadataDataType
from workflows.vocabulary.permissions import Permission

EDITABLE = (
    "name",
    "description",
    "data_type",
    "hint",
    "validation",
    "enrollment",
    "message",
    "options",
    "default_value",
    "allow_api",
    "explicit_update",
    "display_order",
)
_NAME = re.compile(r"[\w-]{1,256}")


def visible(actor: Actor) -> QuerySet[MetadataField]:
    """Every field. Raises PermissionMissing."""
    return policies.restrict(MetadataField.objects.all(), actor, Permission.METADATA_TYPES_READ)


def find(field_id: int, *, actor: Actor) -> MetadataField:
    """One field. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).filter(pk=field_id).first(), field_id)


def find_named(name: str, *, actor: Actor) -> MetadataField:
    """One field by its name in any case. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).filter(name__iexact=name).first(), name)


def is_in_use(field: MetadataField) -> bool:
    """Whether a certificate holds a value of it."""
    return Certificate.objects.filter(metadata__has_key=field.name).exists()


def create(*, actor: Actor, **values: Any) -> MetadataField:
    """A new field; without a display order it stands last. Raises InvalidInput, DuplicateKey."""
    policies.require(actor, Permission.METADATA_TYPES_MODIFY)
    if values.get("display_order") is None:
        values["display_order"] = MetadataField.objects.count()
    field = MetadataField()
    with transaction.atomic():
        _apply(field, values)
        _audit(Operation.Created, field, actor, after=summary(field))
    return field


def update(field_id: int, *, actor: Actor, expected: str | None = None, **values: Any) -> MetadataField:
    """Change what is given. Raises VersionConflict unless `expected` is its `etag`.

    Raises Protected when name or type of a field in use would change.
    """
    policies.require(actor, Permission.METADATA_TYPES_MODIFY)
    with transaction.atomic():
        field = _found(MetadataField.objects.select_for_update().filter(pk=field_id).first(), field_id)
        before = summary(field)
        check_seen(expected, before)
        changed = {name for name in ("name", "data_type") if values.get(name, before[name]) != before[name]}
        if changed and is_in_use(field):
            raise Protected(f"Certificates hold values of {field.name}; its name and type must stay.")
        _apply(field, values)
        _audit(Operation.Updated, field, actor, before=before, after=summary(field))
    return field


def delete(field_ids: Sequence[int], *, actor: Actor, force: bool = False) -> None:
    """Delete fields, all or none; the values that certificates hold go with them, which needs `force`."""
    policies.require(actor, Permission.METADATA_TYPES_MODIFY)
    with transaction.atomic():
        for field_id in dict.fromkeys(field_ids):
            field = _found(MetadataField.objects.select_for_update().filter(pk=field_id).first(), field_id)
            _clear_values(field, force)
            _audit(Operation.Deleted, field, actor, before=summary(field))
            field.delete()


def etag(field: MetadataField) -> str:
    return etag_of(summary(field))


def summary(field: MetadataField) -> dict[str, Any]:
    """What audit entries say of a field."""
    return {name: getattr(field, name) for name in EDITABLE}


def _clear_values(field: MetadataField, force: bool) -> None:
    if not is_in_use(field):
        return
    if not force:
        raise Protected(f"Certificates hold values of {field.name}. Send force=true to delete them too.")
    without = RawSQL("metadata - %s", [field.name])
    Certificate.objects.filter(metadata__has_key=field.name).update(metadata=without)


def _apply(field: MetadataField, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(field, name, value)
    _check(field)
    with refused_when_taken(
        "metadata_name_is_unique", f"There is another metadata field named {field.name}."
    ):
        field.save()


def _check(field: MetadataField) -> None:
    if not _NAME.fullmatch(field.name):
        raise InvalidInput("Name must be 1 to 256 letters, digits, - and _, without blanks.")
    if field.data_type == MetadataDataType.MultipleChoice and not field.options.strip():
        raise InvalidInput("A MultipleChoice field needs Options, separated by commas.")
    if field.validation:
        compile_pattern(field.validation)
    if problems := value_problems(field, field.default_value):
        raise InvalidInput(f"DefaultValue: {' '.join(problems)}")


def _found(field: MetadataField | None, named: int | str) -> MetadataField:
    if field is None:
        raise NotFound(f"There is no metadata field {named}.")
    return field


def _audit(operation: Operation, field: MetadataField, actor: Actor, **states: Any) -> None:
    audit.record(
        operation, Category.MetadataField, actor=actor, name=field.name, identifier=field.pk, **states
    )
