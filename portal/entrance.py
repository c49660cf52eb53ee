"""The last steps of every log-in: the session begins, and the page that was wanted is shown."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal import held_forms
from portal.context import show_bare
from portal.requests import FormPage
from workflows.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"  # how the person of a session is found again


def enter(request: HttpRequest, user: User, path: str, held: str = "") -> HttpResponse:
    """Begins the session of somebody whom his log-in has proved; `held` is the form that made him log in."""
    login(request, user, backend=BACKEND)
    if held_form := held_forms.opened(held):
        context = {"held": held_form, "page": page_behind(held_form.path)}
        return show_bare(request, "held_form.html", context)
    return HttpResponseRedirect(own_path(path) or reverse("portal:home"))


def own_path(path: str) -> str:
    """`path` if that is a page of ours, else nothing; of what only takes a form, the page with the form."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return page_behind(path) if is_ours else ""


def page_behind(path: str) -> str:
    """What can be opened at `path`, or in its stead."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return path
    form_page: FormPage | None = getattr(match.func, "form_page", None)
    return form_page.url(match.kwargs) if form_page else path
