"""The description of the API, and a page to try it with the session of the portal."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.api.profiles import MOUNTS, Profile
from workflows.api.schema import description
from workflows.api.views.base import View, route


class Schema(View):
    """OpenAPI 3 as JSON, of the mount that is asked."""

    schema = None

    def get(self, request: Request) -> Response:
        return Response(description(self.profile))


class Docs(LoginRequiredMixin, SpectacularSwaggerSplitView):
    """Swagger UI from our own static files, in three requests, so that the strict CSP holds."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    template_name = "api/docs.html"

    def _get_schema_url(self, request: Request) -> str:
        return f"/{MOUNTS[Profile(self.kwargs['profile'])]}schema"


routes = [
    route("schema", Schema),
    route("docs", Docs),
]
