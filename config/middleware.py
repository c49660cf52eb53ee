"""What every request gets: an id that answers and log lines share, and strict security headers."""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)
_SILENT = ("/healthz", "/readyz", "/metrics", "/static/")
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(get_response: Handler) -> Handler:
    """Sets `request.request_id`: the caller's `X-Request-ID` when it is well formed, else a new one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        identity = given if _ACCEPTED_ID.fullmatch(given) else secrets.token_hex(12)
        request.request_id = identity  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=identity):
            response = get_response(request)
            _tell(request, response, time.perf_counter() - started)
        response["X-Request-ID"] = identity
        return response

    return middleware


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """One line a request; the query is left out, it may hold what nobody else shall read."""
    if not request.path.startswith(_SILENT):
        milliseconds = round(seconds * 1000, 1)
        fields = {"method": request.method, "path": request.path, "status": response.status_code}
        log.info("request", milliseconds=milliseconds, **fields)


def caller_address(get_response: Handler) -> Handler:
    """Behind a trusted proxy the caller is the last address that the proxy added to `X-Forwarded-For`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        forwarded = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if settings.TRUST_PROXY and is_address(forwarded):
            request.META["REMOTE_ADDR"] = forwarded
        return get_response(request)

    return middleware


def is_address(text: str) -> bool:
    """Whether `text` is an IP address and nothing else."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def security_headers(get_response: Handler) -> Handler:
    """Adds the content security policy of `SECURE_CSP` and the headers that browsers and caches heed."""
    headers = strict_headers()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def strict_headers() -> dict[str, str]:
    headers = {
        "Cache-Control": "no-store",  # what may be kept (static files, CRLs) says so itself
        "Content-Security-Policy": "; ".join(
            f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items()
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return headers
