"""A definition made of another one: as a copy, or from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.forms.choices import role_choices
from portal.forms.definitions import DefinitionForm, ImportForm
from portal.messages import blame
from portal.requests import PortalRequest
from portal.views.definitions import MODIFY, to_list, to_page
from workflows.access import policies
from workflows.actions import definition_checks, definition_copies, definitions
from workflows.errors import DomainError, DuplicateKey, InvalidDefinition
from workflows.models import Definition

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@_form_page
def definition_copy(request: PortalRequest, guid: UUID) -> HttpResponse:
    """The same steps, secrets included, under another name; keys stay with the original."""
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
            made = _copied(request, found, form)
        except DomainError as error:
            blame(form, error, {DuplicateKey: "keys"})
        else:
            messages.success(request, _("Copied, with the secrets of its steps."))
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
            _tell(request, made, form.cleaned_data["definition"]["Steps"])
            return HttpResponseRedirect(reverse("portal:definition", args=[made.guid]))
    context = {"breadcrumbs": [to_list()], "form": form}
    return show(request, "definitions/import.html", context, status=400 if form.errors else 200)


def _copied(request: PortalRequest, found: Definition, form: DefinitionForm) -> Definition:
    return definition_copies.copy(
        found.guid,
        actor=request.actor,
        display_name=form.cleaned_data["display_name"],
        description=form.cleaned_data["description"],
        keys=form.keys or [],
    )


def _imported(request: PortalRequest, document: Mapping[str, Any], roles: Sequence[int]) -> Definition:
    return definition_copies.import_(
        actor=request.actor,
        display_name=str(document.get("DisplayName") or ""),
        description=str(document.get("Description") or ""),
        workflow_type=str(document.get("WorkflowType") or ""),
        enabled=document.get("Enabled", True),
        steps=[_with_roles(step, roles) for step in document["Steps"]],
    )


def _with_roles(step: Mapping[str, Any], roles: Sequence[int]) -> dict[str, Any]:
    """Signals of a file may name no roles, because ids differ from system to system."""
    given = step.get("Signals") or []
    signals = [each if _names_somebody(each) else {**each, "RoleIds": roles} for each in given]
    return {**step, "Signals": signals}


def _names_somebody(signal: Mapping[str, Any]) -> bool:
    return any(signal.get(name) for name in ("Roles", "RoleIds", "RoleTokens"))


def _tell(request: PortalRequest, made: Definition, given: Sequence[Mapping[str, Any]]) -> None:
    """What must be done before it can be published, such as secrets to enter, and what to look at."""
    steps = definitions.version_of(made, None).steps
    messages.success(request, _("Imported. It serves no keys yet."))
    problems = definition_checks.check(made.workflow_type, steps, steps).errors
    for text in (*problems, *definition_copies.roles_by_id(given)):
        messages.warning(request, text)
