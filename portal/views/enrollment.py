"""Enroll by CSR, and the page that follows what becomes of an enrollment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import live
from portal.context import show
from portal.forms.csr import CsrForm
from portal.messages import blame, status_of
from portal.presenters import decoded, enrollments
from portal.presenters.instances import row
from portal.presenters.signatures import lines
from portal.presenters.steps import steps_of
from portal.requests import PortalRequest
from workflows.actions import enrollment
from workflows.actions.enrollment import Enrolled
from workflows.errors import DomainError, InvalidCsr, InvalidInput, InvalidTemplate, KeyNotAllowed
from workflows.models import CertificateTemplate
from workflows.vocabulary.enrollment import EnrollmentType

FIELDS: dict[type[DomainError], str] = {
    InvalidCsr: "csr",
    KeyNotAllowed: "csr",
    InvalidTemplate: "template",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enroll_csr(request: PortalRequest) -> HttpResponse:
    templates = list(enrollment.templates_for(request.actor, EnrollmentType.CSR))
    if request.method != "POST":
        return _page(request, CsrForm(initial=_initial(request, templates), templates=templates))
    form = CsrForm(request.POST, request.FILES, templates=templates)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        enrolled = enrollment.enroll(form.wish(), actor=request.actor)
    except InvalidInput as error:
        blame(form, error, FIELDS)
        return _page(request, form, status=status_of(error))
    return HttpResponseRedirect(reverse("portal:enroll_complete", args=[enrolled.instance.guid]))


@never_cache
@require_safe
def enroll_complete(request: PortalRequest, guid: UUID) -> HttpResponse:
    enrolled = enrollment.own(guid, actor=request.actor)
    return live.nothing_new(request, enrolled.instance) or _complete(request, enrolled)


def _initial(request: PortalRequest, templates: list[CertificateTemplate]) -> dict[str, Any]:
    """`?template=` chooses one beforehand."""
    wanted = request.GET.get("template", "")
    known = [each.common_name for each in templates]
    return {
        "template": wanted if wanted in known else next(iter(known), ""),
        "requester_email": request.user.email,
        "include_chain": True,
    }


def _page(request: PortalRequest, form: CsrForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "parsed": _parsed(form)}
    return show(request, "enroll/csr.html", context, status=status)


def _parsed(form: CsrForm) -> dict[str, Any] | None:
    found = form.request
    if found is None:
        return None
    return {
        "subject": found.subject,
        "key": decoded.key_name(found.key),
        "sans": decoded.san_groups(found.sans),
    }


def _complete(request: PortalRequest, enrolled: Enrolled) -> HttpResponse:
    instance = enrolled.instance
    steps, decisions = steps_of(instance.version), list(instance.decisions.order_by("pk"))
    certificate = enrolled.certificate
    context = {
        "breadcrumbs": [(_("Enroll by CSR"), reverse("portal:enroll_csr"))],
        "enrollment": enrollments.summary(enrolled, certificate),
        "instance": row(instance, request.actor),
        "signatures": lines(instance, steps, decisions, request.actor),
        "certificate": enrollments.issued(certificate) if certificate else None,
        "downloads": enrollments.downloads(certificate) if certificate else [],
    }
    return show(request, "enroll/complete.html", context, status=live.status_for(request, instance))
