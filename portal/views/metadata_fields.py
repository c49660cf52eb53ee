"""Administration → Metadata Fields."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.forms.metadata_fields import ENROLLMENT, TYPES, MetadataFieldForm
from portal.paging import page_of
from portal.requests import PortalRequest
from portal.saving import Saving
from workflows.access import policies
from workflows.actions import metadata_fields
from workflows.errors import DuplicateKey
from workflows.models import MetadataField
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.METADATA_TYPES_MODIFY
_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def metadata_field_list(request: PortalRequest) -> HttpResponse:
    found = metadata_fields.visible(request.actor).order_by("display_order", "name")
    page, shown = page_of(found, request.GET, size=50)
    context = {
        "rows": [_row(each) for each in shown],
        "page": page,
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/metadata_fields.html", context)


@never_cache
@_form_page
def metadata_field_new(request: PortalRequest) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    return _edit(request, None)


@never_cache
@_form_page
def metadata_field(request: PortalRequest, field_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    return _edit(request, metadata_fields.find(field_id, actor=request.actor))


@never_cache
@_form_page
def metadata_field_delete(request: PortalRequest, field_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = metadata_fields.find(field_id, actor=request.actor)

    def carry_out(force: bool) -> HttpResponse:
        metadata_fields.delete([field_id], actor=request.actor, force=True)
        messages.success(request, _("The field is deleted."))
        return HttpResponseRedirect(reverse("portal:metadata_fields"))

    consequences = [_("Nobody is asked for it any more.")]
    if metadata_fields.is_in_use(found):
        consequences.append(_("Certificates hold values of it; these are deleted too, for ever."))
    confirmation = Confirmation(
        question=_("Delete this metadata field?"),
        subject=found.name,
        consequences=consequences,
        submit_label=_("Delete"),
        cancel_url=reverse("portal:metadata_fields"),
        is_destructive=True,
        breadcrumbs=[_to_list()],
    )
    return confirm(request, confirmation, carry_out)


def _edit(request: PortalRequest, found: MetadataField | None) -> HttpResponse:
    initial = metadata_fields.summary(found) if found else {}
    form = MetadataFieldForm(request.POST or None, initial=initial)
    saving = Saving(form, metadata_fields.etag(found) if found else "")
    if saving.is_done(lambda: _save(request, found, saving), {DuplicateKey: "name"}):
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("portal:metadata_fields"))
    context = {
        "heading": found.name if found else _("New metadata field"),
        "breadcrumbs": [_to_list()],
        **saving.context,
        "submit_label": _("Save"),
        "cancel_url": reverse("portal:metadata_fields"),
    }
    return show(request, "components/form_page.html", context, status=saving.status)


def _save(request: PortalRequest, found: MetadataField | None, saving: Saving) -> None:
    values = dict(saving.form.cleaned_data)
    if found is None:
        metadata_fields.create(actor=request.actor, **values)
        return
    if values["display_order"] is None:
        del values["display_order"]
    metadata_fields.update(found.pk, actor=request.actor, expected=saving.expected, **values)


def _row(field: MetadataField) -> dict[str, object]:
    return {
        "id": field.pk,
        "name": field.name,
        "description": field.description,
        "type": dict(TYPES).get(field.data_type, field.data_type),  # type: ignore[call-overload]
        "options": [option.strip() for option in field.options.split(",") if option.strip()],
        "validation": field.validation,
        "default": field.default_value,
        "enrollment": dict(ENROLLMENT).get(field.enrollment, field.enrollment),  # type: ignore[call-overload]
    }


def _to_list() -> tuple[str, str]:
    return _("Metadata Fields"), reverse("portal:metadata_fields")
