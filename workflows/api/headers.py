"""Headers of calls and answers, as the description tells them (contract, 1.1)."""

from __future__ import annotations

from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from workflows.errors import InvalidInput, VersionConflict

API_VERSIONS = {"1": 1, "1.0": 1, "2": 2, "2.0": 2}


def _header(name: str, kind: Any, text: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=text, **more)


API_VERSION = _header(
    "x-keyfactor-api-version",
    str,
    "Chooses the shape where an operation has two. Without it, 1.",
    enum=sorted(API_VERSIONS),
    default="1",
)
IF_MATCH = _header(
    "If-Match",
    str,
    "The ETag, or several with commas, that the thing must still have, else 409. Without it, or `*`: any.",
)
PREFER = _header(
    "Prefer", str, "`wait=20`: answer when the status changes, or after so many seconds, at most 30."
)
ETAG = _header("ETag", str, "Names the state that is answered; If-Match takes it.", response=[200, 204])
TOTAL = _header("x-total-count", int, "The rows of all pages, exact up to 10,000.", response=[200])
LOCATION = _header("Location", str, "Where the new one is.", response=[204])
AGAIN_LATER = _header(
    "Retry-After", int, "Seconds until it is worth asking again; not when all is finished.", response=[200]
)
TRY_LATER = _header(
    "Retry-After", int, "With 429: seconds until a log-in is looked at.", response=["default"]
)


def of_tags(*, asks: bool, answers: bool) -> list[OpenApiParameter]:
    """What an operation says of ETags that it takes and gives."""
    return [header for header, is_used in ((IF_MATCH, asks), (ETAG, answers)) if is_used]


def api_version(request: Request) -> int:
    """1 or 2; raises InvalidInput for another."""
    given = request.headers.get("x-keyfactor-api-version", "1").strip()
    if given not in API_VERSIONS:
        raise InvalidInput("The header x-keyfactor-api-version must be 1, 1.0, 2 or 2.0.")
    return API_VERSIONS[given]


def expected(request: Request) -> str | None:
    """The tags of `If-Match` but weak ones, which equal none (RFC 9110, 13.1.1); None: any state will do.

    Raises InvalidInput when it names no tag, VersionConflict when all of them are weak.
    """
    given = request.headers.get("If-Match", "*").strip()
    tags = parse_etags(given)
    if tags == ["*"]:
        return None
    if not tags:
        raise InvalidInput('If-Match must be *, or ETags in quotation marks as they were answered: "3", "4".')
    strong = [each for each in tags if not each.startswith("W/")]
    if not strong:
        raise VersionConflict("A weak ETag is equal to none. Send the ETag as it was answered, without W/.")
    return ", ".join(strong)
