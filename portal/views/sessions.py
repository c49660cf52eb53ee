"""Log-in and Log Out."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import held_forms
from portal.context import show_bare
from portal.entrance import enter, own_path
from portal.forms.login import LoginForm
from portal.messages import status_of
from portal.requests import public, sent_from
from portal.views import second_factor, sso
from workflows.access import second_factors
from workflows.access.actors import actor_for
from workflows.actions import sessions
from workflows.errors import DomainError, NotAuthenticated, TooManyAttempts
from workflows.models import User


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        user = _verified(request, form)
    except (NotAuthenticated, TooManyAttempts) as error:
        form.add_error(None, str(error))
        return _page(request, form, error)
    if second_factors.is_asked_of(user):
        return second_factor.ask(request, user, _wanted(request), _held(request))
    return enter(request, user, _wanted(request), _held(request))


def log_in_again(request: HttpRequest, held: str) -> HttpResponse:
    """The log-in in the place of a page whose form came too late; `held` is that form."""
    path = request.get_full_path()
    context = {"form": LoginForm(), "next": path, "held": held, "other_ways": sso.ways(path)}
    return show_bare(request, "login.html", context, status=403)


@public
@sent_from("portal:home")
def log_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        sessions.log_out(actor_for(request.user))
    logout(request)
    return HttpResponseRedirect(reverse("portal:login"))


def _verified(request: HttpRequest, form: LoginForm) -> User:
    return sessions.log_in(
        form.cleaned_data["username"],
        form.cleaned_data["password"],
        address=request.META.get("REMOTE_ADDR", ""),
        now=timezone.now(),
    )


def _page(
    request: HttpRequest, form: LoginForm, error: DomainError | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "next": _wanted(request),
        "held": _held(request),
        "other_ways": sso.ways(_wanted(request)),
    }
    response = show_bare(request, "login.html", context, status=status_of(error) if error else status)
    if isinstance(error, TooManyAttempts):
        response["Retry-After"] = str(error.retry_after)
    return response


def _held(request: HttpRequest) -> str:
    return request.POST.get(held_forms.FIELD, "")


def _wanted(request: HttpRequest) -> str:
    return own_path(request.POST.get("next") or request.GET.get("next") or "")
