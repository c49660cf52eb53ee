"""Error pages; they need neither an account nor the database."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from portal.context import show_bare
from portal.entrance import page_behind
from portal.messages import status_of
from workflows.errors import DomainError, TooManyAttempts

TEMPLATES = {
    403: "errors/403.html",
    404: "errors/404.html",
    409: "errors/409.html",
    413: "errors/413.html",
    503: "errors/500.html",
}


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page for a domain error that no form could show."""
    status = status_of(error)
    template = TEMPLATES.get(status, "errors/400.html")
    response = show_bare(request, template, {"message": str(error)}, status=status)
    if isinstance(error, TooManyAttempts):
        response["Retry-After"] = str(error.retry_after)
    add_never_cache_headers(response)
    return response


def not_this_way(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """In the place of a bare 405: what takes only a form leads to the page of the form."""
    context = {"page": page_behind(request.path), "is_for_forms": "POST" in answer["Allow"]}
    response = show_bare(request, "errors/405.html", context, status=405)
    response["Allow"] = answer["Allow"]
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also what is larger than the settings allow, which Django notices while it reads the form."""
    if isinstance(exception, RequestDataTooBig):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
        message = _("What was sent is larger than %(limit)d kB.") % {"limit": limit}
        return show_bare(request, TEMPLATES[413], {"message": message}, status=413)
    return show_bare(request, "errors/400.html", {}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return show_bare(request, "errors/403.html", {}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return show_bare(request, "errors/404.html", {}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return show_bare(request, "errors/500.html", {}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return show_bare(request, "errors/csrf.html", {}, status=403)
