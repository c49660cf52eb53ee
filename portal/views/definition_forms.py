"""New definitions, copies and imports; what a definition is called and which keys it serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.forms.choices import role_choices
from portal.forms.definitions import DefinitionForm, ImportForm, TypeForm
from portal.messages import blame, status_of
from portal.presenters.steps import workflow_type_label
from portal.requests import PortalRequest
from portal.step_lists import Step, start_and_end
from portal.views.definitions import MODIFY, to_list, to_page
from workflows.access import policies
from workflows.actions import definitions
from workflows.engine import registry
from workflows.errors import DomainError, DuplicateKey, InvalidDefinition, VersionConflict
from workflows.models import Definition

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@_form_page
def definition_new(request: PortalRequest) -> HttpResponse:
    """First the type, by GET; then its form."""
    policies.require(request.actor, MODIFY)
    workflow_type = request.GET.get("type", "")
    if registry.workflow_type(workflow_type) is None:
        choice = TypeForm(request.GET if "type" in request.GET else None)
        return show(request, "definitions/choose_type.html", {"breadcrumbs": [to_list()], "form": choice})
    form = DefinitionForm(request.POST or None, workflow_type=workflow_type)
    if not form.is_valid():
        return _new_page(request, form, workflow_type)
    try:
        made = _made(request, form, workflow_type, start_and_end())
    except DomainError as error:
        blame(form, error, {DuplicateKey: "keys"})
        return _new_page(request, form, workflow_type, status=status_of(error))
    messages.success(request, _("The definition is made; now add its steps."))
    return HttpResponseRedirect(reverse("portal:definition_editor", args=[made.guid]))


@never_cache
@_form_page
def definition_settings(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = definitions.visible(guid, actor=request.actor)
    form = _settings_form(request, found)
    if not form.is_valid():
        return _settings_page(request, found, form)
    cleaned = form.cleaned_data
    try:
        definitions.update(
            guid,
            actor=request.actor,
            display_name=cleaned["display_name"],
            description=cleaned["description"],
            keys=form.keys,
            expected=request.POST.get("expected", ""),
        )
    except VersionConflict as error:
        return _settings_page(request, found, form, status=status_of(error), stale=str(error))
    except DomainError as error:
        blame(form, error, {DuplicateKey: "keys"})
        return _settings_page(request, found, form, status=status_of(error))
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("portal:definition", args=[guid]))


@never_cache
@_form_page
def definition_copy(request: PortalRequest, guid: UUID) -> HttpResponse:
    """The same steps under another name; keys stay with the original."""
    policies.require(request.actor, MODIFY)
    found = definitions.visible(guid, actor=request.actor)
    latest = definitions.version_of(found, None)
    initial = {
        "display_name": _("Copy of %(name)s") % {"name": latest.display_name[:240]},
        "description": latest.description,
    }
    form = DefinitionForm(request.POST or None, workflow_type=found.workflow_type, initial=initial)
    if form.is_valid():
        try:
            steps = definitions.public_steps(latest.steps)
            made = _made(request, form, found.workflow_type, steps)
        except DomainError as error:
            blame(form, error, {DuplicateKey: "keys"})
        else:
            messages.success(
                request, _("Copied. Secrets were not copied; enter them anew where a step has one.")
            )
            return HttpResponseRedirect(reverse("portal:definition", args=[made.guid]))
    context = {
        "heading": _("Copy this definition"),
        "breadcrumbs": [to_list(), to_page(found)],
        "form": form,
        "submit_label": _("Copy"),
        "cancel_url": reverse("portal:definition", args=[guid]),
    }
    return show(request, "components/form_page.html", context, status=400 if form.errors else 200)


@never_cache
@_form_page
def definition_import(request: PortalRequest) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    form = ImportForm(request.POST or None, request.FILES or None, roles=role_choices())
    if form.is_valid():
        try:
            made = _imported(request, form.cleaned_data["definition"], form.cleaned_data["roles"])
        except InvalidDefinition as error:
            for problem in error.problems:
                form.add_error(None, problem)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Imported. It serves no keys yet."))
            return HttpResponseRedirect(reverse("portal:definition", args=[made.guid]))
    context = {"breadcrumbs": [to_list()], "form": form}
    return show(request, "definitions/import.html", context, status=400 if form.errors else 200)


def _made(
    request: PortalRequest, form: DefinitionForm, workflow_type: str, steps: Sequence[Step]
) -> Definition:
    """A definition with its first steps, or nothing at all."""
    with transaction.atomic():
        made = definitions.create(
            actor=request.actor,
            display_name=form.cleaned_data["display_name"],
            description=form.cleaned_data["description"],
            workflow_type=workflow_type,
            keys=form.keys or [],
        )
        return definitions.save_steps(made.guid, steps, actor=request.actor)


def _imported(request: PortalRequest, document: dict[str, Any], roles: Sequence[int]) -> Definition:
    with transaction.atomic():
        made = definitions.create(
            actor=request.actor,
            display_name=str(document.get("DisplayName") or ""),
            description=str(document.get("Description") or ""),
            workflow_type=str(document.get("WorkflowType") or ""),
            keys=[],
        )
        steps = [_with_roles(step, roles) for step in document["Steps"]]
        return definitions.save_steps(made.guid, steps, actor=request.actor)


def _with_roles(step: dict[str, Any], roles: Sequence[int]) -> dict[str, Any]:
    """Signals of a file name no roles, because ids differ from system to system."""
    signals = [
        signal if signal.get("RoleIds") or signal.get("RoleTokens") else {**signal, "RoleIds": list(roles)}
        for signal in step.get("Signals") or []
    ]
    return {**step, "Signals": signals}


def _settings_form(request: PortalRequest, found: Definition) -> DefinitionForm:
    latest = definitions.version_of(found, None)
    keys = [key.value for key in found.keys.all()]
    form = DefinitionForm(
        request.POST or None,
        workflow_type=found.workflow_type,
        is_global=found.is_global,
        initial={"display_name": latest.display_name, "description": latest.description, "keys": keys},
    )
    if "keys" in form.fields and not hasattr(form.fields["keys"], "choices"):
        form.initial["keys"] = " ".join(keys)
    return form


def _new_page(
    request: PortalRequest, form: DefinitionForm, workflow_type: str, *, status: int = 200
) -> HttpResponse:
    context = {
        "heading": _("New definition: %(type)s") % {"type": workflow_type_label(workflow_type)},
        "breadcrumbs": [to_list()],
        "form": form,
        "submit_label": _("Make it and add steps"),
        "cancel_url": reverse("portal:definitions"),
    }
    return show(request, "components/form_page.html", context, status=_status(form, status))


def _settings_page(
    request: PortalRequest, found: Definition, form: DefinitionForm, *, status: int = 200, stale: str = ""
) -> HttpResponse:
    latest = definitions.version_of(found, None)
    now = {"Name": latest.display_name, "Description": latest.description, "Version": latest.number}
    context = {
        "heading": _("Name and keys"),
        "breadcrumbs": [to_list(), to_page(found)],
        "form": form,
        "hidden": [("expected", definitions.etag(found))],
        "submit_label": _("Save"),
        "cancel_url": reverse("portal:definition", args=[found.guid]),
        "stale": stale,
        "current": now if stale else None,
    }
    return show(request, "components/form_page.html", context, status=_status(form, status))


def _status(form: DefinitionForm, status: int) -> int:
    return 400 if status == 200 and form.errors else status
