"""The editor of a definition's steps: each form saves the whole list at once, so a draft is always sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import step_lists
from portal.context import show
from portal.forms.choices import role_choices
from portal.forms.steps import StepForm
from portal.messages import status_of
from portal.presenters.editing import edited_steps, offered_types, places
from portal.requests import PortalRequest
from portal.step_lists import Step, Steps
from portal.views.definitions import MODIFY, to_list, to_page
from workflows.access import policies
from workflows.actions import definitions
from workflows.engine import registry
from workflows.engine.contracts import StepType
from workflows.engine.outcomes import ERROR
from workflows.errors import DomainError, InvalidDefinition, InvalidInput, Kind, NotFound, VersionConflict
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
    steps = _steps(found)
    context = {
        "breadcrumbs": [to_list(), to_page(found), _to_editor(found)],
        "found": found,
        "types": offered_types(found, steps),
        "places": places(steps, request.GET.get("place", "")),
    }
    return show(request, "definitions/choose_step.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step_new(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    if not request.GET.get("type"):
        return HttpResponseRedirect(reverse("portal:step_choose", args=[guid]))
    found = definitions.visible(guid, actor=request.actor)
    steps, step_type = _steps(found), _step_type(request.GET["type"])
    after, output = _place(steps, request.GET.get("place", ""))
    target = (after.get("Outputs") or {}).get(output, "")
    new: Step = {
        "UniqueName": step_lists.fresh_name(steps, step_type.extension_name),
        "DisplayName": step_type.display_name,
        # A failure fails the instance unless somebody leads it on.
        "Outputs": dict.fromkeys((each for each in step_type.outputs if each != ERROR), target),
    }

    def with_new(document: Step) -> Steps:
        return step_lists.insert(steps, document, after=after["UniqueName"], output=output)

    return _step_page(request, found, new, step_type, with_new)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step_edit(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = definitions.visible(guid, actor=request.actor)
    steps = _steps(found)
    step = _step(steps, request.GET.get("name", ""))
    return _step_page(
        request,
        found,
        step,
        _step_type(step["ExtensionName"]),
        lambda document: step_lists.replace(steps, document),
    )


@never_cache
@require_POST
def step_move_up(request: PortalRequest, guid: UUID) -> HttpResponse:
    return _changed(request, guid, step_lists.move_up)


@never_cache
@require_POST
def step_move_down(request: PortalRequest, guid: UUID) -> HttpResponse:
    return _changed(request, guid, step_lists.move_down)


@never_cache
@require_POST
def step_remove(request: PortalRequest, guid: UUID) -> HttpResponse:
    return _changed(request, guid, step_lists.remove)


def _changed(request: PortalRequest, guid: UUID, change: Change) -> HttpResponse:
    """Save what `change` makes of the steps, or show the editor as it stands now with the reason."""
    policies.require(request.actor, MODIFY)
    found = definitions.visible(guid, actor=request.actor)
    try:
        expected = request.POST.get("expected", "")
        if expected != definitions.etag(found):
            raise VersionConflict(
                _("Somebody has saved this definition meanwhile; this is how it stands now.")
            )
        steps = _steps(found)
        name = _step(steps, request.POST.get("name", ""))["UniqueName"]
        definitions.save_steps(guid, change(steps, name), actor=request.actor, expected=expected)
    except DomainError as error:
        if error.kind not in (Kind.INVALID, Kind.CONFLICT):
            raise
        return _editor(request, definitions.visible(guid, actor=request.actor), error)
    return _to_step(guid, name)


def _step_page(
    request: PortalRequest,
    found: Definition,
    step: Step,
    step_type: StepType,
    with_step: Callable[[Step], Steps],
) -> HttpResponse:
    form = _form(request, found, step, step_type)
    stale, status = "", 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _save(request, found, with_step(form.document()))
            except VersionConflict as error:
                stale, status = str(error), status_of(error)
            except (InvalidInput, InvalidDefinition) as error:
                form.blame(error)
            else:
                messages.success(request, _("Saved. It takes effect when you publish the definition."))
                return _to_step(found.guid, step["UniqueName"])
    context = {
        "breadcrumbs": [to_list(), to_page(found), _to_editor(found)],
        "heading": step.get("DisplayName") or step_type.display_name,
        "lead": _lead(step, step_type),
        "form": form,
        "hidden": [("expected", definitions.etag(found))],
        "submit_label": _("Save"),
        "cancel_url": reverse("portal:definition_editor", args=[found.guid]),
        "stale": stale,
        "current": _as_it_stands(step) if stale else None,
        "notes": _notes(found, step_type),
    }
    return show(request, "components/form_page.html", context, status=status)


def _save(request: PortalRequest, found: Definition, steps: Steps) -> None:
    """Raises VersionConflict unless the definition is as the form showed it."""
    expected = request.POST.get("expected", "")
    definitions.save_steps(found.guid, steps, actor=request.actor, expected=expected)


def _form(request: PortalRequest, found: Definition, step: Step, step_type: StepType) -> StepForm:
    targets = [
        (each["UniqueName"], each["DisplayName"])
        for each in _steps(found)
        if each["UniqueName"] != step["UniqueName"]
    ]
    return StepForm(
        request.POST if request.method == "POST" else None,
        step=step,
        step_type=step_type,
        targets=targets,
        roles=role_choices() if step_type.signals else [],
    )


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
        "is_published": version.pk == found.published_id,
    }
    return show(request, "definitions/editor.html", context, status=status_of(error) if error else 200)


def _steps(found: Definition) -> Steps:
    return list(definitions.version_of(found, None).steps)


def _step(steps: Steps, name: str) -> Step:
    step = step_lists.find(steps, name)
    if step is None:
        raise NotFound("There is no such step any more; open the definition again.")
    return step


def _step_type(extension: str) -> StepType:
    step_type = registry.step_type(extension)
    if step_type is None:
        raise NotFound("There is no such step type; choose one of the list.")
    return step_type


def _place(steps: Steps, place: str) -> tuple[Step, str]:
    """`output:UniqueName`, as `places` offers it."""
    output, _colon, name = place.partition(":")
    step = _step(steps, name)
    if output not in step_lists.outputs_of(step):
        raise NotFound("There is no such place for a step; choose one of the list.")
    return step, output


def _as_it_stands(step: Step) -> dict[str, Any]:
    return {name: step.get(name) for name in ("DisplayName", "Enabled", "Outputs")}


def _lead(step: Step, step_type: StepType) -> str:
    """What the type does, named where the step has a name of its own."""
    if step.get("DisplayName") == step_type.display_name:
        return step_type.summary
    return f"{step_type.display_name}: {step_type.summary}"


def _notes(found: Definition, step_type: StepType) -> list[tuple[str, str]]:
    spec = registry.workflow_type(found.workflow_type)
    if spec is None or not step_type.parameters:
        return []
    tokens = ", ".join(f"$({name})" for name in spec.context_parameters)
    return [
        (_("Tokens"), _("Where a value takes tokens, these are filled in: %(tokens)s") % {"tokens": tokens})
    ]


def _to_editor(found: Definition) -> tuple[Any, str]:
    return _("Steps"), reverse("portal:definition_editor", args=[found.guid])


def _to_step(guid: UUID, name: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('portal:definition_editor', args=[guid])}#step-{name}")
