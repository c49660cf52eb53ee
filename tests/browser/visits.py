"""One page as one person sees it; which pages of the portal that shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

if TYPE_CHECKING:
    from tests.browser.scenery import Scenery

Act = Callable[[Page, "Scenery"], object]


@dataclass(frozen=True)
class Visit:
    """`act` does something on the page first; `opens` names the page that it brings up, if another one."""

    name: str
    person: str
    path: str  # what stands in braces is one of `Scenery.places`
    act: Act | None = None
    opens: str = ""
    status: int = 200  # of the page at `path`


def pages_of(visit: Visit) -> set[str]:
    """The names that the URLconf has for what the visit shows."""
    return {*_named(visit.path), *([visit.opens] if visit.opens else [])}


def page_at(path: str) -> str:
    """The name of the page at the path of an address; empty when there is none."""
    try:
        return str(resolve(path).url_name)
    except Resolver404:
        return ""


def _named(path: str) -> set[str]:
    """A place is a GUID where a page takes one, else a number."""
    plain = urlsplit(path).path
    samples = ("00000000-0000-4000-8000-000000000000", "7")
    names = (page_at(re.sub(r"{\w+}", sample, plain)) for sample in samples)
    name = next(filter(None, names), "")
    return {name} if name else set()
