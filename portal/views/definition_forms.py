"""New definitions; what a definition is called and which keys it serves."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.confirming import has_typed
from portal.context import show
from portal.forms.definitions import DefinitionForm, TypeForm
from portal.messages import blame, status_of
from portal.presenters.definition_changes import meanwhile, words_of
from portal.presenters.steps import workflow_type_label
from portal.requests import PortalRequest
from portal.step_lists import start_and_end
from portal.views.definitions import MODIFY, to_list, to_page
from workflows.access import policies
from workflows.actions import definitions
from workflows.engine import registry
from workflows.errors import ConfirmationNeeded, DomainError, DuplicateKey, VersionConflict
from workflows.models import Definition

_AGAIN = gettext_lazy("Saving again puts what you typed in place of it.")
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
        made = _made(request, form, workflow_type)
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
    try:
        _save_settings(request, guid, form)
    except ConfirmationNeeded as asked:
        form.ask_to_type(str(asked))
        return _settings_page(request, found, form, status=status_of(asked))
    except VersionConflict as conflict:
        return _settings_page(request, found, form, status=status_of(conflict), conflict=conflict)
    except DomainError as error:
        blame(form, error, {DuplicateKey: "keys"})
        return _settings_page(request, found, form, status=status_of(error))
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("portal:definition", args=[guid]))


def _made(request: PortalRequest, form: DefinitionForm, workflow_type: str) -> Definition:
    """A definition with its first steps, or nothing at all."""
    with transaction.atomic():
        made = definitions.create(
            actor=request.actor,
            display_name=form.cleaned_data["display_name"],
            description=form.cleaned_data["description"],
            workflow_type=workflow_type,
            keys=form.keys or [],
        )
        return definitions.save_steps(made.guid, start_and_end(), actor=request.actor)


def _save_settings(request: PortalRequest, guid: UUID, form: DefinitionForm, *, force: bool = False) -> None:
    """Raises ConfirmationNeeded where workflows would start at once, unless that has been typed."""
    try:
        definitions.update(
            guid,
            actor=request.actor,
            display_name=form.cleaned_data["display_name"],
            description=form.cleaned_data["description"],
            keys=form.keys,
            force=force,
            expected=request.POST.get("expected", ""),
        )
    except ConfirmationNeeded as asked:
        if force or not has_typed(request, asked):
            raise
        _save_settings(request, guid, form, force=True)


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
    request: PortalRequest,
    found: Definition,
    form: DefinitionForm,
    *,
    status: int = 200,
    conflict: VersionConflict | None = None,
) -> HttpResponse:
    context = {
        "heading": _("Name and keys"),
        "breadcrumbs": [to_list(), to_page(found)],
        "form": form,
        "hidden": [("expected", definitions.etag(found))],
        "submit_label": _("Save"),
        "cancel_url": reverse("portal:definition", args=[found.guid]),
        "stale": words_of(conflict, _AGAIN) if conflict else "",
        "meanwhile": meanwhile(conflict),
    }
    return show(request, "components/form_page.html", context, status=_status(form, status))


def _status(form: DefinitionForm, status: int) -> int:
    return 400 if status == 200 and form.errors else status
