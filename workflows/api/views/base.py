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
from workflows.api import headers
from workflows.api.parsers import JSONNegotiation
from workflows.api.profiles import Profile
from workflows.api.serializers.base import Serializer
from workflows.api.serializers.failures import Failure
from workflows.api.shapes import Shape, for_schema, read, show
from workflows.search.paging import normalise_query_params

PRODUCT_VERSION = "25.5.0.0"  # the reference's version whose interface we serve; clients choose by it
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
    has_versions = False  # whether a shape depends on the version that is asked for

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
        return normalise_query_params(self.request.query_params)

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
        self.api_version = headers.api_version(request)

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
    beside: tuple[str, ...] = (),
    etag: Callable[[Any], str] | None = None,
    if_match: bool = False,
    failure: type[Failure] = Failure,
    **schema: Any,
) -> Callable[[Method], Method]:
    """Makes a view's verb of a method that takes path arguments and returns what `answer` shows (None: 204).

    Any of `permission`, and of `beside` where that is given, is required before anything is read.
    The method gets the validated body as `body`, the validated parameters as `query` when those shapes are
    given, and with `if_match` the ETags that `If-Match` names as `expected`. A returned Response is sent as
    it is; what else is returned is sent with its `etag`, failures as `failure` describes them.
    """
    permissions = (permission,) if isinstance(permission, str) else permission
    tags = headers.of_tags(asks=if_match, answers=etag is not None)
    schema["parameters"] = [*schema.get("parameters", []), *tags]
    success = {204: None} if answer is None else {200: for_schema(answer)}
    schema["responses"] = success | {"default": failure}
    rights = {"x-permissions": permissions, "x-permissions-beside": beside}

    def decorate(method: Method) -> Method:
        @extend_schema(**_described(body, query, rights, schema))
        @functools.wraps(method)
        def handler(self: View, request: Request, **arguments: Any) -> Response:
            for asked in filter(None, (permissions, beside)):
                require(self.actor, *asked)
            result = method(self, **arguments, **_given(self, query, body, if_match))
            if isinstance(result, Response):
                return result
            if answer is None:
                return Response(status=204)
            tag = {"ETag": etag(result)} if etag else None
            return Response(show(answer, result, self.context), headers=tag)

        handler.permissions, handler.beside = permissions, beside  # type: ignore[attr-defined]
        return handler

    return decorate


def permissions_of(method: Method) -> tuple[str, ...]:
    """The permissions of which a caller of this operation must hold one; empty: everybody may call it."""
    return getattr(method, "permissions", ())


def beside_of(method: Method) -> tuple[str, ...]:
    """Of these, too, a caller must hold one; empty: nothing more is asked."""
    return getattr(method, "beside", ())


def _given(view: View, query: Shape, body: Shape, if_match: bool) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if query is not None:
        given["query"] = read(query, view.query_params, view.context)
    if body is not None:
        given["body"] = read(body, view.request.data, view.context)
    if if_match:
        given["expected"] = headers.expected(view.request)
    return given


def _described(
    body: Shape, query: Shape, rights: dict[str, tuple[str, ...]], schema: dict[str, Any]
) -> dict[str, Any]:
    parameters = [*([query] if query else []), *schema.pop("parameters"), headers.TRY_LATER]
    extensions = {name: [str(each) for each in names] for name, names in rights.items() if names}
    described = {"request": for_schema(body), **schema, "parameters": parameters}
    return described | ({"extensions": extensions} if extensions else {})
