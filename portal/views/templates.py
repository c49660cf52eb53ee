"""Administration → Templates."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import listing
from portal.comparisons import Choices
from portal.context import show
from portal.forms.templates import RETENTION, TemplateForm
from portal.listing import Sort
from portal.paging import page_of
from portal.requests import PortalRequest
from portal.saving import Saving
from workflows.access import policies
from workflows.actions import templates
from workflows.models import CertificateTemplate, Role
from workflows.pki.keys import key_spec_from_json
from workflows.pki.usages import extended_name
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Integer
from workflows.vocabulary.enrollment import EnrollmentType, KeyRetentionPolicy
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.CERTIFICATE_TEMPLATES_MODIFY
FIELDS = Fields(
    [
        Field("DisplayName", "display_name"),
        Field("CommonName", "common_name"),
        Field("ValidityDays", "validity_days", Integer()),
    ]
)
SEARCHED: Choices = (
    ("DisplayName", gettext_lazy("Name")),
    ("CommonName", gettext_lazy("Short name")),
    ("ValidityDays", gettext_lazy("Valid for days")),
)


@require_safe
def template_list(request: PortalRequest) -> HttpResponse:
    wanted = listing.read_filter(
        request.GET, SEARCHED, FIELDS, place="portal:templates", example="ValidityDays -gt 100"
    )
    found, error = listing.apply(templates.visible(request.actor), wanted, FIELDS, request.actor)
    found, sort = listing.ordered(found, request.GET, FIELDS, Sort("DisplayName", descending=False))
    page, rows = page_of(found, request.GET)
    context = {
        "rows": [_row(each) for each in rows],
        "page": page,
        "sort": sort,
        "filter": replace(wanted, error=error),
    }
    return show(request, "administration/templates.html", context, status=400 if error else 200)


@require_safe
def template(request: PortalRequest, template_id: int) -> HttpResponse:
    found = templates.find(template_id, actor=request.actor)
    context = {
        "breadcrumbs": [_to_list()],
        "found": found,
        "row": _row(found),
        "retention": dict(RETENTION)[KeyRetentionPolicy(found.key_retention)],
        "purposes": [extended_name(oid) for oid in found.extended_key_usages],
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/template.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: PortalRequest, template_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = templates.find(template_id, actor=request.actor)
    roles = [(name, name) for name in Role.objects.order_by("name").values_list("name", flat=True)]
    given = request.POST if request.method == "POST" else None
    form = TemplateForm(given, template=found, roles=roles)
    saving = Saving(form, templates.etag(found))
    if saving.is_done(
        lambda: templates.update(template_id, actor=request.actor, expected=saving.expected, **form.values)
    ):
        messages.success(request, _("Saved; it holds for every certificate that is issued from now on."))
        return HttpResponseRedirect(reverse("portal:template", args=[template_id]))
    context = {
        "heading": found.display_name,
        "breadcrumbs": [_to_list(), (found.display_name, reverse("portal:template", args=[template_id]))],
        **saving.context,
        "submit_label": _("Save"),
        "cancel_url": reverse("portal:template", args=[template_id]),
    }
    return show(request, "components/form_page.html", context, status=saving.status)


def _row(found: CertificateTemplate) -> dict[str, object]:
    kinds = EnrollmentType(found.allowed_enrollment_types)
    return {
        "id": found.pk,
        "name": found.display_name,
        "common_name": found.common_name,
        "authority": str(found.certificate_authority),
        "validity_days": found.validity_days,
        "keys": [str(key_spec_from_json(spec)) for spec in found.key_specs],
        "kinds": [str(kind.name) for kind in kinds],
    }


def _to_list() -> tuple[str, str]:
    return _("Templates"), reverse("portal:templates")
