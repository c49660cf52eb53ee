"""Where everything is mounted: one API in two profiles, the portal, and what operators ask."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from config import api_reference, health, metrics
from portal import urls as portal_urls


def _in_any_case(segment: str) -> str:
    """A first path segment in any case (D1), written so that Django can still reverse every URL."""
    return "^" + "".join(f"[{letter}{letter.swapcase()}]" for letter in segment) + "/"


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include(([*api_reference.routes, *portal_urls.urlpatterns], portal_urls.app_name))),
    re_path(_in_any_case("KeyfactorAPI"), include("workflows.api.urls"), {"profile": "wire"}),
    re_path(_in_any_case("api"), include("workflows.api.urls"), {"profile": "documented"}),
    path("pki/", include("workflows.api.views.pki_files")),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.server_error"
