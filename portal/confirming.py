"""Pages that say what will happen before anything is done, for everything but instances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise

from portal.context import show
from portal.messages import status_of
from portal.requests import PortalRequest
from workflows.errors import ConfirmationNeeded, DomainError, Kind

Words = str | Promise
TYPED = "confirmation"  # the field that takes `RUN 12` (D20)


@dataclass(frozen=True)
class Confirmation:
    """What `templates/confirmation.html` says; `expected` is the state it was asked about.

    Where there are `obstacles` it cannot be done, so nothing is offered but the way back.
    """

    question: Words
    subject: str
    consequences: Sequence[Words]
    submit_label: Words
    cancel_url: str
    is_destructive: bool = False
    expected: str = ""
    breadcrumbs: Sequence[tuple[Words, str]] = ()
    obstacles: Sequence[Words] = ()


def confirm(
    request: PortalRequest, confirmation: Confirmation, carry_out: Callable[[bool], HttpResponse]
) -> HttpResponse:
    """GET asks, POST carries out; what cannot be done is said on the same page.

    `carry_out` is given whether the person has typed what an action wanted to have typed.
    """
    if request.method != "POST":
        return _page(request, confirmation)
    try:
        return carry_out(False)
    except ConfirmationNeeded as error:
        if has_typed(request, error):
            return carry_out(True)
        return _page(request, confirmation, error=error, must_type=True)
    except DomainError as error:
        if error.kind not in (Kind.INVALID, Kind.CONFLICT):
            raise
        return _page(request, confirmation, error=error)


def has_typed(request: PortalRequest, error: ConfirmationNeeded) -> bool:
    """Whether the person has typed what the error wants to have typed."""
    typed = request.POST.get(TYPED, "").strip()
    return bool(typed) and f"type {typed} in the portal" in str(error)


def _page(
    request: PortalRequest,
    confirmation: Confirmation,
    *,
    error: DomainError | None = None,
    must_type: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "breadcrumbs": confirmation.breadcrumbs,
        "confirmation": confirmation,
        "url": request.get_full_path(),
        "error": str(error) if error else "",
        "must_type": must_type,
        "typed": request.POST.get(TYPED, ""),
    }
    return show(request, "confirmation.html", context, status=status_of(error) if error else 200)
