"""Where everything is mounted: one API in two profiles, the portal, and what operators ask."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path

from config import health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
if find_spec("workflows.api") and find_spec("workflows.api.urls"):
    urlpatterns += [
        re_path(r"^(?i:keyfactorapi)/", include("workflows.api.urls"), {"profile": "wire"}),
        re_path(r"^(?i:api)/", include("workflows.api.urls"), {"profile": "documented"}),
    ]
if find_spec("portal.urls"):
    urlpatterns.append(path("", include("portal.urls")))
