"""The one URLconf of both mounts (D1): each resource's module lists its routes."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from workflows.api.views import (
    app_settings,
    audit,
    authorities,
    catalogue,
    certificate_files,
    certificates,
    definition_additions,
    definitions,
    documents,
    enrollment,
    enrollment_patterns,
    instance_additions,
    instances,
    metadata_fields,
    revocation,
    scripts,
    security,
    status,
    subscriptions,
    templates,
    unknown,
    users,
)

RESOURCES = (
    app_settings,
    audit,
    authorities,
    catalogue,
    certificate_files,
    certificates,
    definition_additions,
    definitions,
    enrollment,
    enrollment_patterns,
    documents,
    instance_additions,
    instances,
    metadata_fields,
    revocation,
    scripts,
    security,
    status,
    subscriptions,
    templates,
    users,
)

urlpatterns: list[URLPattern] = [
    *(pattern for resource in RESOURCES for pattern in resource.routes),
    re_path(r"", unknown.UnknownPath.as_view()),
]
