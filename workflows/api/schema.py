"""The OpenAPI description made from the code, one for each mount, and the page to try it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from django.urls import include, path
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from workflows.api import webhooks
from workflows.api.headers import API_VERSION
from workflows.api.profiles import MOUNTS, Profile


class ApiSchema(AutoSchema):
    """Names operations after verb and path, groups them by resource, and adds the error body to each."""

    @property
    def _segments(self) -> list[str]:
        return self.path.strip("/").split("/")[1:]

    def get_operation_id(self) -> str:
        words = [part.strip("{}").replace("_", " ").title().replace(" ", "") for part in self._segments]
        by = ["By" if part.startswith("{") else "" for part in self._segments]
        return self.method.title() + "".join(f"{joint}{word}" for joint, word in zip(by, words, strict=True))

    def get_override_parameters(self) -> list[Any]:
        given: list[Any] = super().get_override_parameters()
        return [*given, API_VERSION] if getattr(self.view, "has_versions", False) else given

    def get_tags(self) -> list[str]:
        grouped = 2 if self._segments[0] in ("Workflow", "Security") else 1
        return [" ".join(self._segments[:grouped])]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "workflows.api.authentication.TokenAuthentication"
    name = "ApiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A token of POST /Security/Tokens."}


class BasicScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "workflows.api.authentication.BasicAuthentication"
    name = "Basic"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "basic"}


class PortalSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "workflows.api.authentication.SessionAuthentication"
    name = "Session"


class EnumFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Numbers on one mount, names on the other, as `EnumField` writes them."""

    target_class = "workflows.api.serializers.enums.EnumField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        members = self.target.words.__members__
        meaning = ", ".join(f"{member:d} {name}" for name, member in members.items())
        if auto_schema.path.startswith(f"/{MOUNTS[Profile.WIRE]}"):
            return {"type": "integer", "description": meaning}
        return {"type": "string", "description": f"Number or name: {meaning}."}


class VersionedExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """One schema for both versions: it requires what both have, and says what only one of them has."""

    target_class = "workflows.api.serializers.versions.Versioned"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        basic: Any = auto_schema._map_serializer  # it is not typed
        schema: dict[str, Any] = basic(self.target, direction, bypass_extensions=True)
        only_in: Mapping[str, int] = self.target.only_in
        schema["required"] = [name for name in schema["required"] if name not in only_in]
        for name, version in only_in.items():
            schema["properties"][name] |= {"description": f"In version {version} only."}
        return schema


class FreeMapExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "workflows.api.serializers.base.FreeMap"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {}}


@functools.cache
def description(profile: Profile) -> dict[str, Any]:
    """The OpenAPI document of one mount."""
    mount = path(MOUNTS[profile], include("workflows.api.urls"), {"profile": profile})
    generator: Any = SchemaGenerator
    document: dict[str, Any] = generator(patterns=[mount]).get_schema(public=True)
    for message in document["webhooks"].values():
        message["post"]["parameters"] = webhooks.PARAMETERS
    return document
