"""Named filters of a list beside `QueryString`, read in any case like every parameter."""

from __future__ import annotations

import enum
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter

from workflows.api.casing import declared_names
from workflows.api.serializers.enums import read_enum
from workflows.errors import InvalidQuery


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]
    @classmethod
    def narrow(cls, rows: QuerySet[Any], given: dict[str, str]) -> QuerySet[Any]:
        """The rows that all given filters let through. Raises InvalidQuery naming each bad value."""
        filters = cls(declared_names(given, cls.base_filters), queryset=rows)
        if not filters.is_valid():
            problems = (f"{name}: {' '.join(texts)}" for name, texts in filters.errors.items())
            raise InvalidQuery(" ".join(problems))
        narrowed: QuerySet[Any] = filters.qs
        return narrowed

    @classmethod
    def parameters(cls) -> list[OpenApiParameter]:
        return [
            OpenApiParameter(name, str, description=each.label or "")
            for name, each in cls.base_filters.items()
        ]


class EnumFormField(forms.Field):
    def __init__(self, *, words: type[enum.IntEnum], **kwargs: Any) -> None:
        self.words = words
        super().__init__(**kwargs)

    def to_python(self, value: str | None) -> int | None:
        try:
            return read_enum(self.words, value) if value else None
        except ValueError as error:
            raise ValidationError(str(error)) from None


class EnumFilter(django_filters.Filter):  # type: ignore[misc]
    """Number or name of a closed set of words (D2)."""

    field_class = EnumFormField
