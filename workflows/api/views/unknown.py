"""The answer below a mount where no resource is."""

from __future__ import annotations

from typing import Any, NoReturn

from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from workflows.api.views.base import View
from workflows.errors import NotFound


class UnknownPath(View):
    """404 as JSON for every verb, to anybody."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotFound(f"There is nothing at {request.path}. GET /api/Status/Endpoints lists what there is.")
