"""The description of the API, and the way to the page that shows it."""

from __future__ import annotations

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


class Docs(View):
    """There is one reference, a page of the portal; other mounts and spellings lead to it."""

    schema = None
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(status=302, headers={"Location": f"/{MOUNTS[Profile.DOCUMENTED]}docs"})


routes = [
    route("schema", Schema),
    route("docs", Docs),
]
