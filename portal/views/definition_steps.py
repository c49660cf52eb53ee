"""The editor of a definition's steps: each form saves the whole list at once, so a draft is always sound."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import step_lists
from portal.context import show
from portal.messages import status_of
from portal.presenters.definition_changes import meanwhile
from portal.presenters.editing import edited_steps, offered_types, places
from portal.requests import PortalRequest, sent_from
from portal.step_lists import Steps
from portal.views.definitions import MODIFY, to_list, to_page
from portal.views.step_forms import find_step, steps_of, to_editor, to_step
from workflows.access import policies
from workflows.actions import definition_checks, definitions
from workflows.errors import DomainError, InvalidDefinition, Kind
from workflows.models import Definition

Change = Callable[[Steps, str], Steps]


@never_cache
@require_safe
def definition_editor(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    return _editor(request, definitions.visible(guid, actor=request.actor))


@never_cache
@require_safe
def step_choose(request: PortalRequest, guid: UUID) -> HttpResponse:
    """Which type the new step has, and where it stands."""
    policies.require(request.actor, MODIFY)
    found = definitions.visible(guid, actor=request.actor)
    steps = steps_of(found)
    context = {
        "breadcrumbs": [to_list(), to_page(found), to_editor(found)],
        "found": found,
        "types": offered_types(found, steps),
        "places": places(steps, request.GET.get("place", "")),
    }
    return show(request, "definitions/choose_step.html", context)


@never_cache
@sent_from("portal:definition_editor", "guid")
def step_move_up(request: PortalRequest, guid: UUID) -> HttpResponse:
    return _changed(request, guid, step_lists.move_up)


@never_cache
@sent_from("portal:definition_editor", "guid")
def step_move_down(request: PortalRequest, guid: UUID) -> HttpResponse:
    return _changed(request, guid, step_lists.move_down)


@never_cache
@sent_from("portal:definition_editor", "guid")
def step_remove(request: PortalRequest, guid: UUID) -> HttpResponse:
    return _changed(request, guid, step_lists.remove)


def _changed(request: PortalRequest, guid: UUID, change: Change) -> HttpResponse:
    """Save what `change` makes of the steps, or show the editor as it stands now with the reason."""
    policies.require(request.actor, MODIFY)
    found = definitions.visible(guid, actor=request.actor)
    try:
        expected = request.POST.get("expected", "")
        definitions.require_unchanged(found, expected)
        steps = steps_of(found)
        name = find_step(steps, request.POST.get("name", ""))["UniqueName"]
        definitions.save_steps(guid, change(steps, name), actor=request.actor, expected=expected)
    except DomainError as error:
        if error.kind not in (Kind.INVALID, Kind.CONFLICT):
            raise
        return _editor(request, definitions.visible(guid, actor=request.actor), error)
    return to_step(guid, name)


def _editor(request: PortalRequest, found: Definition, error: DomainError | None = None) -> HttpResponse:
    version = definitions.version_of(found, None)
    steps = edited_steps(version)
    problems = error.problems if isinstance(error, InvalidDefinition) else [str(error)] if error else []
    context = {
        "breadcrumbs": [to_list(), to_page(found)],
        "found": found,
        "shown_version": version,
        "steps": steps,
        "drawing": [step.shown.drawn for step in steps],
        "etag": definitions.etag(found),
        "problems": problems,
        "meanwhile": meanwhile(error),
        "findings": definition_checks.check_version(version),
        "is_published": version.pk == found.published_id,
    }
    return show(request, "definitions/editor.html", context, status=status_of(error) if error else 200)
