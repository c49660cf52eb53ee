"""What the frame of every page shows (the top of templates/base.html says it all)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal import navigation
from portal.requests import PortalRequest
from workflows.actions import configured

THEMES = ("light", "dark")
THEME_AGE = 365 * 24 * 60 * 60  # seconds that a browser keeps the choice; static/app.js says the same


def show(
    request: PortalRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page inside the frame."""
    return render(request, template, {**_frame(request, context), **context}, status=status)


def show_bare(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page without the frame, for log-in and errors."""
    return render(request, template, {**_document(request), **context}, status=status)


def _document(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme")
    return {"theme": theme if theme in THEMES else "", "version": _version()}


def _frame(request: PortalRequest, context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_document(request),
        "navigation": navigation.sections(request, context.get("breadcrumbs", ())),
        "account": {"name": request.actor.name, "full_name": request.user.full_name},
        "documentation_url": configured.DOCUMENTATION_URL.value(),
    }


@cache
def _version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])
