"""The last steps of every log-in: the session begins, and the page that was wanted is shown."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal import held_forms
from portal.context import show_bare
from workflows.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"  # how the person of a session is found again


def enter(request: HttpRequest, user: User, path: str, held: str = "") -> HttpResponse:
    """Begins the session of somebody whom his log-in has proved; `held` is the form that made him log in."""
    login(request, user, backend=BACKEND)
    if held_form := held_forms.opened(held):
        return show_bare(request, "held_form.html", {"held": held_form})
    return HttpResponseRedirect(own_path(path) or reverse("portal:home"))


def own_path(path: str) -> str:
    """`path` if that is a page of ours, else nothing."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else ""
