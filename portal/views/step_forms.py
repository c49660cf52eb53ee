"""The form of one step, new or stored; what somebody typed is never lost to what others saved meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import step_lists
from portal.context import show
from portal.forms.choices import role_choices
from portal.forms.steps import StepForm
from portal.messages import status_of
from portal.presenters.definition_changes import meanwhile, words_of
from portal.presenters.tokens import offered_tokens
from portal.requests import PortalRequest
from portal.step_lists import Step, Steps
from portal.views.definitions import MODIFY, to_list, to_page
from workflows.access import policies
from workflows.actions import definitions, reachability
from workflows.engine import graph, registry
from workflows.engine.contracts import StepType
from workflows.engine.graph import ERROR
from workflows.errors import InvalidDefinition, InvalidInput, NotFound, VersionConflict
from workflows.models import Definition

WithStep = Callable[[Step], Steps]
_page = require_http_methods(["GET", "HEAD", "POST"])
STAYS = gettext_lazy("What they saved stays; saving again puts this step as you typed it.")
GONE = gettext_lazy(
    "The step or its place is gone; saving again adds what you typed as a new step after the start."
)


@never_cache
@_page
def step_new(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    if not request.GET.get("type"):
        return HttpResponseRedirect(reverse("portal:step_choose", args=[guid]))
    found = definitions.visible(guid, actor=request.actor)
    steps, step_type = steps_of(found), _step_type(request.GET["type"])
    place = _place(steps, request.GET.get("place", ""))
    if place is None and request.method == "POST":
        return _as_new(request, found, step_type)
    if place is None:
        raise NotFound("There is no such place for a step; choose one of the list.")
    new, with_new = _new(steps, step_type, *place)
    return _answer(request, found, new, step_type, with_new)


@never_cache
@_page
def step_edit(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = definitions.visible(guid, actor=request.actor)
    steps, name = steps_of(found), request.GET.get("name", "")
    if request.POST.get("type") and step_lists.find(steps, name) is None:
        return _as_new(request, found, _step_type(request.POST["type"]))
    step = find_step(steps, name)
    step_type = _step_type(step["ExtensionName"])
    return _answer(request, found, step, step_type, partial(step_lists.replace, steps))


def steps_of(found: Definition) -> Steps:
    return list(definitions.version_of(found, None).steps)


def find_step(steps: Steps, name: str) -> Step:
    step = step_lists.find(steps, name)
    if step is None:
        raise NotFound("There is no such step any more; open the definition again.")
    return step


def to_editor(found: Definition) -> tuple[Any, str]:
    return _("Steps"), reverse("portal:definition_editor", args=[found.guid])


def to_step(guid: UUID, name: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('portal:definition_editor', args=[guid])}#step-{name}")


def _answer(
    request: PortalRequest, found: Definition, step: Step, step_type: StepType, with_step: WithStep
) -> HttpResponse:
    """The form; once it is sent and right, the definition saved with the step as typed."""
    form, flow = _form(request, found, step, step_type), with_step(step)
    if not form.is_valid():
        return _show(request, found, form, flow, status=400 if form.is_bound else 200)
    try:
        expected = request.POST.get("expected", "")
        definitions.save_steps(found.guid, with_step(form.document()), actor=request.actor, expected=expected)
    except VersionConflict as conflict:
        return _show(request, found, form, flow, conflict, advice=STAYS)
    except (InvalidInput, InvalidDefinition) as error:
        form.blame(error)
        return _show(request, found, form, flow, status=status_of(error))
    messages.success(request, _("Saved. It takes effect when you publish the definition."))
    for warning in reachability.unreachable_secrets([form.document()]):
        messages.warning(request, warning)
    return to_step(found.guid, form.name)


def _as_new(request: PortalRequest, found: Definition, step_type: StepType) -> HttpResponse:
    """What was typed for a step that others have removed, or at a place that is gone, as a new step."""
    steps = steps_of(found)
    after = graph.first_step(steps) or steps[0]
    output = step_lists.main_output(after)
    new, with_new = _new(steps, step_type, after, output)
    query = urlencode({"type": step_type.extension_name, "place": f"{output}:{after['UniqueName']}"})
    address = f"{reverse('portal:step_new', args=[found.guid])}?{query}"
    form = _form(request, found, new, step_type)
    try:
        definitions.require_unchanged(found, request.POST.get("expected", ""))
    except VersionConflict as conflict:
        return _show(request, found, form, with_new(new), conflict, advice=GONE, address=address)
    raise NotFound("There is no such step; open the definition again.")


def _new(steps: Steps, step_type: StepType, after: Step, output: str) -> tuple[Step, WithStep]:
    """A step of the type that leads on to where `output` led, and how the list is with it."""
    target = (after.get("Outputs") or {}).get(output, "")
    new: Step = {
        "UniqueName": step_lists.fresh_name(steps, step_type.extension_name),
        "ExtensionName": step_type.extension_name,
        "DisplayName": step_type.display_name,
        # A failure fails the instance unless somebody leads it on; behind the last step nothing follows.
        "Outputs": {each: target for each in step_type.outputs if target and each != ERROR},
    }
    return new, partial(step_lists.insert, steps, after=after["UniqueName"], output=output)


def _form(request: PortalRequest, found: Definition, step: Step, step_type: StepType) -> StepForm:
    targets = [
        (each["UniqueName"], each["DisplayName"])
        for each in steps_of(found)
        if each["UniqueName"] != step["UniqueName"]
    ]
    return StepForm(
        request.POST if request.method == "POST" else None,
        step=step,
        step_type=step_type,
        targets=targets,
        roles=role_choices() if step_type.signals else [],
    )


def _show(
    request: PortalRequest,
    found: Definition,
    form: StepForm,
    flow: Steps,
    conflict: VersionConflict | None = None,
    *,
    advice: str | Promise = "",
    address: str = "",
    status: int = 200,
) -> HttpResponse:
    """`flow` is how the steps are with this one; `advice` says what saving again does after a conflict."""
    context = {
        "breadcrumbs": [to_list(), to_page(found), to_editor(found)],
        "heading": form.step["DisplayName"],
        "lead": _lead(form.step, form.step_type),
        "form": form,
        "address": address,
        "hidden": [("expected", definitions.etag(found)), ("type", form.step_type.extension_name)],
        "submit_label": _("Save"),
        "cancel_url": reverse("portal:definition_editor", args=[found.guid]),
        "stale": words_of(conflict, advice) if conflict else "",
        "meanwhile": meanwhile(conflict),
        "tokens": offered_tokens(found.workflow_type, flow, form.step) if form.step_type.parameters else [],
    }
    return show(request, "definitions/step.html", context, status=status_of(conflict) if conflict else status)


def _step_type(extension: str) -> StepType:
    step_type = registry.step_type(extension)
    if step_type is None:
        raise NotFound("There is no such step type; choose one of the list.")
    return step_type


def _place(steps: Steps, place: str) -> tuple[Step, str] | None:
    """`output:UniqueName`, as `places` offers it; None when there is no such place."""
    output, _colon, name = place.partition(":")
    step = step_lists.find(steps, name)
    return (step, output) if step is not None and output in step_lists.outputs_of(step) else None


def _lead(step: Step, step_type: StepType) -> str:
    """What the type does, named where the step has a name of its own."""
    obstacle = _("It %(why)s") % {"why": step_type.obstacle} if step_type.obstacle else ""
    is_named = step.get("DisplayName") != step_type.display_name or obstacle
    named = f"{step_type.shown_name}: {step_type.summary}" if is_named else step_type.summary
    return f"{named} {obstacle}".rstrip()
