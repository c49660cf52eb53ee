"""Certificates: the list, one certificate, its files."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import listing
from portal.comparisons import Choices
from portal.context import show
from portal.csv_files import csv_response
from portal.downloads import file_response
from portal.listing import Filter, Sort
from portal.navigation import sees_own, way_to_enroll
from portal.paging import page_of
from portal.presenters import audit
from portal.presenters import certificates as presenter
from portal.presenters.enrollments import downloads
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import certificates as actions
from workflows.actions.certificate_files import Packing
from workflows.actions.certificates import CertificateName
from workflows.models import AuditEntry, Certificate, Instance
from workflows.search.certificates import FIELDS
from workflows.vocabulary.auditing import Category
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

NEWEST_FIRST = Sort("Id", descending=True)
SEARCHED: Choices = (
    ("IssuedCN", gettext_lazy("Common name")),
    ("IssuedDN", gettext_lazy("Subject")),
    ("SerialNumber", gettext_lazy("Serial Number")),
    ("Thumbprint", gettext_lazy("Thumbprint")),
    ("TemplateName", gettext_lazy("Template")),
    ("RequesterName", gettext_lazy("Requester")),
    ("IssuerDN", gettext_lazy("Issuer")),
    ("NotAfter", gettext_lazy("Valid until")),
    ("NotBefore", gettext_lazy("Valid from")),
    ("CertState", gettext_lazy("State")),
)
EXAMPLE = 'TemplateName -eq "WebServer" AND NotAfter -le "%TODAY+30%"'
ROWS_BESIDE = 20
HEADINGS = (
    *("Id", "CommonName", "Subject", "State", "Template", "Requester", "Authority"),
    *("NotBefore", "NotAfter", "SerialNumber", "Thumbprint"),
)


@require_safe
def certificates(request: PortalRequest) -> HttpResponse:
    wanted, rows, sort = _listed(request)
    (page, shown), now = page_of(rows, request.GET), timezone.now()
    context = {
        "rows": [presenter.row(each, now) for each in shown],
        "page": page,
        "sort": sort,
        "filter": wanted,
        "enroll_url": way_to_enroll(request.actor),
    }
    return show(request, "certificates/list.html", context, status=400 if wanted.error else 200)


@require_safe
def certificates_csv(request: PortalRequest) -> StreamingHttpResponse:
    """What the list shows, all pages of it, up to the number of rows that lists count."""
    (wanted, rows, _sort), now = _listed(request), timezone.now()
    lines = partial(map, partial(_line, now=now))
    return csv_response("certificates.csv", HEADINGS, rows, lines, error=wanted.error)


@never_cache
@require_safe
def certificate(request: PortalRequest, certificate_id: int) -> HttpResponse:
    found = actions.visible(CertificateName(id=certificate_id), actor=request.actor)
    shown = presenter.row(found, timezone.now())
    context = {
        "breadcrumbs": _way_here(request),
        "certificate": shown,
        "details": presenter.details(found),
        "chain": presenter.chain(found),
        "metadata": found.metadata,
        "key": presenter.key_words(found),
        "owner": found.owner_role.name if found.owner_role else "",
        "friendly_name": found.custom_name,
        "revocation": presenter.revocation(found),
        "history": presenter.history(list(found.operations.order_by("-pk")[:ROWS_BESIDE])),
        "instances": _instances(request, found),
        "downloads": downloads(found),
        "renew_url": _renew_url(request, found),
        "may_pick_up": actions.may_recover(found, actor=request.actor),
        "may_revoke": request.actor.may(Permission.CERTIFICATES_REVOKE) and shown.look != presenter.REVOKED,
        "audit": _audit(request, found),
        "audit_url": audit.url_of_all(Category.Certificate, found.pk),
    }
    return show(request, "certificates/certificate.html", context)


@never_cache
@require_safe
def certificate_download(request: PortalRequest, certificate_id: int, file_format: str) -> HttpResponse:
    """The file in the format of the path; `?chain=1` adds the CAs."""
    packing = Packing(file_format, include_chain=bool(request.GET.get("chain")))
    return file_response(actions.download(CertificateName(id=certificate_id), packing, actor=request.actor))


def _listed(request: PortalRequest) -> tuple[Filter, QuerySet[Certificate], Sort]:
    rows = actions.listed(actor=request.actor).defer("der", "authority__chain_pem", "request__csr")
    wanted = listing.read_filter(request.GET, SEARCHED, FIELDS, place="portal:certificates", example=EXAMPLE)
    rows, error = listing.apply(rows, wanted, FIELDS, request.actor)
    rows, sort = listing.ordered(rows, request.GET, FIELDS, NEWEST_FIRST)
    return replace(wanted, error=error), rows, sort


def _line(found: Certificate, now: datetime) -> list[object]:
    row = presenter.row(found, now)
    return [
        *(row.id, row.name, row.subject, str(row.look.label), row.template, row.requester, row.authority),
        found.not_before.isoformat(timespec="seconds"),
        found.not_after.isoformat(timespec="seconds"),
        *(found.serial_number, found.thumbprint),
    ]


def _renew_url(request: PortalRequest, found: Certificate) -> str:
    """The form by which it was requested, with its names; empty when the person may not use that."""
    is_pfx = found.request is not None and found.request.is_pfx
    permission = Permission.ENROLLMENT_PFX if is_pfx else Permission.ENROLLMENT_CSR
    if not request.actor.may(permission):
        return ""
    return f"{reverse('portal:enroll_pfx' if is_pfx else 'portal:enroll_csr')}?renews={found.pk}"


def way_to(request: PortalRequest, found: Certificate) -> list[tuple[str, str]]:
    """The breadcrumbs of what is done with the certificate."""
    name = found.issued_cn or found.serial_number
    return [*_way_here(request), (name, reverse("portal:certificate", args=[found.pk]))]


def _way_here(request: PortalRequest) -> list[tuple[str, str]]:
    if request.actor.may(Permission.CERTIFICATES_READ):
        return [(_("Certificates"), reverse("portal:certificates"))]
    if sees_own(request.actor):
        return [(_("My Workflows"), f"{reverse('portal:my_workflows')}?tab=created")]
    return []


def _instances(request: PortalRequest, found: Certificate) -> list[dict[str, Any]]:
    """The workflows that issued it or are about it, as far as the person may see them."""
    if not any(request.actor.may(permission) for permission in policies.INSTANCE_READS):
        return []
    rows = policies.restrict(Instance.objects.all(), request.actor, Permission.WORKFLOW_INSTANCES_READ)
    about = Q(certificate=found) | (Q(request=found.request_id) if found.request_id else Q(pk__in=[]))
    return [
        {
            "guid": each.guid,
            "title": each.record.title,
            "status": InstanceStatus(each.status),
            "reference_id": each.pk,
        }
        for each in rows.filter(about).select_related("record").order_by("-pk")[:ROWS_BESIDE]
    ]


def _audit(request: PortalRequest, found: Certificate) -> list[audit.Entry] | None:
    if not request.actor.may(Permission.AUDITING_READ):
        return None
    rows = policies.restrict(AuditEntry.objects.all(), request.actor, Permission.AUDITING_READ)
    own = rows.filter(immutable_identifier=str(found.pk), category=Category.Certificate)
    return audit.entries(own.order_by("-pk")[:ROWS_BESIDE], names=False)
