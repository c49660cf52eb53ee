"""What every view shares, and `operation`: one decorator for body, query, answer, permission and schema."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.urls.resolvers import RoutePattern
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from workflows.access.actors import Actor
from workflows.access.policies import require
from workflows.api.parsers import JSONNegotiation
from workflows.api.profiles import Profile
from workflows.api.serializers.base import Serializer, Text
from workflows.api.shapes import Shape, for_schema, read, show
from workflows.errors import InvalidInput
from workflows.search.paging import normalise_query_params

PRODUCT_VERSION = "25.5.0.0"  # the reference's version whose interface we serve; clients choose by it
API_VERSIONS = {"1": 1, "1.0": 1, "2": 2, "2.0": 2}
Method = Callable[..., Any]


class ApiRequest(Request):
    def _load_stream(self) -> None:
        """A chunked body has no length; a server that ends the input at the body's end lets it be read."""
        environ = self._request.META
        if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
            self._stream = environ["wsgi.input"]
        else:
            super()._load_stream()  # type: ignore[misc]


class View(APIView):
    """Knows the caller (`self.actor`), the mount (`self.profile`) and the `self.api_version`, 1 or 2."""

    content_negotiation_class = JSONNegotiation
    metadata_class = None
    profile: Profile = Profile.DOCUMENTED
    api_version = 1

    @property
    def actor(self) -> Actor:
        return cast("Actor", self.request.auth)

    @property
    def context(self) -> dict[str, Any]:
        """What serializers must know of the call."""
        return {"profile": self.profile, "request": self.request, "view": self}

    @property
    def query_params(self) -> dict[str, str]:
        """Parameters by their names in lower case, without a prefix such as `pq.`; values as they came."""
        return normalise_query_params(self.request.query_params.dict())

    @property
    def expected(self) -> str | None:
        """The ETag that must still be the thing's own; None when any will do."""
        given = self.request.headers.get("If-Match", "*").strip()
        return None if given == "*" else given

    def dispatch(
        self, request: HttpRequest, *args: Any, profile: str = "", **kwargs: Any
    ) -> HttpResponseBase:
        self.profile = Profile(profile) if profile else self.profile
        return super().dispatch(request, *args, **kwargs)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        return ApiRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context={"view": self, "args": args, "kwargs": kwargs},
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.api_version = _api_version(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["x-keyfactor-product-version"] = PRODUCT_VERSION
        answer.setdefault("Cache-Control", "no-store")
        return answer


class OptionalSlash(RoutePattern):
    def match(self, path: str) -> Any:
        """Nothing is at a path with NUL: PostgreSQL cannot be asked for it, nor keep it in the audit log."""
        return None if "\0" in path else super().match(path.removesuffix("/"))


def route(path: str, view: type[APIView], name: str | None = None) -> URLPattern:
    """A path below the mounts, with or without a slash at its end (D1); converters as in Django's `path`."""
    return URLPattern(OptionalSlash(path, name=name, is_endpoint=True), view.as_view(), {}, name)


def operation(
    *,
    answer: Shape = None,
    body: Shape = None,
    query: type[Serializer] | None = None,
    permission: str | tuple[str, ...] = (),
    etag: Callable[[Any], str] | None = None,
    **schema: Any,
) -> Callable[[Method], Method]:
    """Makes a view's verb of a method that takes path arguments and returns what `answer` shows (None: 204).

    Any of `permission` is required before anything is read. The method gets the validated body as `body` and
    the validated parameters as `query` when those shapes are given. A returned Response is sent as it is;
    what else is returned is sent with its `etag`, which `If-Match` takes.
    """
    permissions = (permission,) if isinstance(permission, str) else permission

    def decorate(method: Method) -> Method:
        @extend_schema(**_described(answer, body, query, permissions, schema))
        @functools.wraps(method)
        def handler(self: View, request: Request, **arguments: Any) -> Response:
            if permissions:
                require(self.actor, *permissions)
            if query is not None:
                arguments["query"] = read(query, self.query_params, self.context)
            if body is not None:
                arguments["body"] = read(body, request.data, self.context)
            result = method(self, **arguments)
            if isinstance(result, Response):
                return result
            if answer is None:
                return Response(status=204)
            headers = {"ETag": etag(result)} if etag else None
            return Response(show(answer, result, self.context), headers=headers)

        handler.permissions = permissions  # type: ignore[attr-defined]
        return handler

    return decorate


def permissions_of(method: Method) -> tuple[str, ...]:
    """The permissions of which a caller of this operation must hold one; empty: everybody may call it."""
    return getattr(method, "permissions", ())


class Failure(Serializer):
    """What every failure answers (D11)."""

    ErrorCode = Text(help_text="Stable; docs/error-codes.md lists all.")
    Message = Text(help_text="What is wrong and what to do.")
    RequestId = Text(help_text="Finds the call in the log.")


def _described(
    answer: Shape, body: Shape, query: Shape, permissions: tuple[str, ...], schema: dict[str, Any]
) -> dict[str, Any]:
    success = {204: None} if answer is None else {200: for_schema(answer)}
    responses = success | {"default": Failure}
    parameters = [*([query] if query else []), *schema.pop("parameters", [])]
    needed = {"extensions": {"x-permissions": [str(each) for each in permissions]}} if permissions else {}
    return {"request": for_schema(body), "responses": responses, "parameters": parameters, **needed, **schema}


def _api_version(request: Request) -> int:
    given = request.headers.get("x-keyfactor-api-version", "1").strip()
    if given not in API_VERSIONS:
        raise InvalidInput("The header x-keyfactor-api-version must be 1, 1.0, 2 or 2.0.")
    return API_VERSIONS[given]
