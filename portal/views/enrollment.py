"""Enroll by CSR and by PFX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.forms.csr import CsrForm
from portal.forms.enrollment import USE, EnrollmentForm
from portal.forms.pfx import PfxForm
from portal.forms.renewals import initial_of
from portal.messages import blame, status_of
from portal.presenters import decoded, lint
from portal.presenters.certificates import row as certificate_row
from portal.requests import PortalRequest
from workflows.actions import certificates, enrollment
from workflows.actions.certificates import CertificateName
from workflows.actions.enrollment import Preview
from workflows.errors import (
    DomainError,
    InvalidCsr,
    InvalidInput,
    InvalidName,
    InvalidTemplate,
    KeyNotAllowed,
)
from workflows.models import Certificate, CertificateTemplate
from workflows.vocabulary.enrollment import EnrollmentType


@dataclass(frozen=True)
class Way:
    """One way to enroll: its form, its page, and the fields that its errors belong to."""

    kind: EnrollmentType
    form: type[EnrollmentForm]
    page: str
    blamed: dict[type[DomainError], str]


BY_CSR = Way(
    EnrollmentType.CSR,
    CsrForm,
    "enroll/csr.html",
    {InvalidCsr: "csr", KeyNotAllowed: "csr", InvalidTemplate: "template"},
)
BY_PFX = Way(
    EnrollmentType.PFX,
    PfxForm,
    "enroll/pfx.html",
    {InvalidName: "common_name", KeyNotAllowed: "key", InvalidTemplate: "template"},
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enroll_csr(request: PortalRequest) -> HttpResponse:
    return _enroll(request, BY_CSR)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enroll_pfx(request: PortalRequest) -> HttpResponse:
    return _enroll(request, BY_PFX)


def _enroll(request: PortalRequest, way: Way) -> HttpResponse:
    templates = list(enrollment.templates_for(request.actor, way.kind))
    given: dict[str, Any] = {"templates": templates, "actor": request.actor}
    if request.method != "POST":
        return _page(request, way, way.form(initial=_initial(request, templates), **given))
    form = way.form(request.POST, request.FILES, **given)
    if USE in request.POST:
        return _page(request, way, way.form(initial=form.typed(), **given))
    if not form.is_valid():
        return _page(request, way, form, status=400)
    try:
        if "check" in request.POST:
            return _page(request, way, form, enrollment.preview(form.wish(), actor=request.actor))
        enrolled = enrollment.enroll(form.wish(), actor=request.actor)
    except InvalidInput as error:
        blame(form, error, way.blamed)
        return _page(request, way, form, status=status_of(error))
    return HttpResponseRedirect(reverse("portal:enroll_complete", args=[enrolled.instance.guid]))


def _initial(request: PortalRequest, templates: list[CertificateTemplate]) -> dict[str, Any]:
    """`?template=` chooses one beforehand, `?renews=` fills in the names of a certificate."""
    given = {"template": request.GET.get("template", "")}
    if renewed := _renewed(request, request.GET.get("renews")):
        given = initial_of(renewed)
    if not _is_among(given["template"], templates):
        given["template"] = next((each.common_name for each in templates), "")
    return {"requester_email": request.user.email, "include_chain": True, **given}


def _is_among(name: str, templates: Sequence[CertificateTemplate]) -> bool:
    return any(each.common_name == name for each in templates)


def _renewed(request: PortalRequest, number: object) -> Certificate | None:
    """The certificate to be replaced, if the person may see it."""
    text = str(number or "")
    if not (text.isascii() and text.isdigit()):
        return None
    return certificates.visible(CertificateName(id=int(text[:18])), actor=request.actor)


def _page(
    request: PortalRequest,
    way: Way,
    form: EnrollmentForm,
    preview: Preview | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    renewed = _renewed(request, form["renews"].value())
    context = {
        "form": form,
        "parsed": _parsed(form),
        "findings": preview.problems if preview else None,
        "lint": lint.lines(preview.opinion) if preview and not preview.problems else None,
        "renewed": certificate_row(renewed, timezone.now()) if renewed else None,
        "replaced": _replaced(request, form, renewed),
    }
    return show(request, way.page, context, status=status)


def _replaced(request: PortalRequest, form: EnrollmentForm, renewed: Certificate | None) -> str:
    """The template that was wanted, when another one had to be chosen instead."""
    if request.method == "POST":
        return ""
    if renewed is None:
        wanted = request.GET.get("template", "")
        return "" if _is_among(wanted, form.templates) else wanted
    if renewed.template is None:
        return _("of the certificate")
    return "" if _is_among(renewed.template.common_name, form.templates) else renewed.template.display_name


def _parsed(form: EnrollmentForm) -> dict[str, Any] | None:
    found = form.request
    if found is None:
        return None
    return {
        "subject": found.subject,
        "key": str(found.key),
        "sans": decoded.san_groups(found.sans),
    }
