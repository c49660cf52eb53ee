"""The documentation that comes with the product, docs/ as pages."""

from __future__ import annotations

import posixpath
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.context import show
from portal.markdown import title_of, to_html
from portal.requests import PortalRequest

START = "README"


@require_safe
def documentation(request: PortalRequest, name: str = START) -> HttpResponse:
    if name not in _names():
        raise Http404
    title, body = _page(name)
    start = (_("Documentation"), reverse("portal:documentation"))
    context = {"heading": title, "body": body, "breadcrumbs": [] if name == START else [start]}
    return show(request, "documentation.html", context)


@cache
def _names() -> frozenset[str]:
    """The pages by their paths, such as `steps/wait`."""
    folder = _folder()
    return frozenset(each.relative_to(folder).with_suffix("").as_posix() for each in folder.rglob("*.md"))


@cache
def _page(name: str) -> tuple[str, SafeString]:
    """Title and body; the title is not in the body."""
    text = (_folder() / f"{name}.md").read_text(encoding="utf-8")
    title = title_of(text)
    first = text.find("\n", text.find("# "))
    return title, to_html(text[first:], lambda there: _resolved(there, name))


def _resolved(there: str, name: str) -> str:
    path, hash_sign, anchor = there.partition("#")
    if "://" in there:
        return there
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)).removesuffix(".md")
    if path and target not in _names():
        return ""
    return f"{_address(target if path else name)}{hash_sign}{anchor}"


def _address(name: str) -> str:
    if name == START:
        return reverse("portal:documentation")
    return reverse("portal:documentation_page", args=[name])


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "docs"
