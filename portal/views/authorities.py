"""Administration → Certificate Authorities: their chains and the state of their CRLs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.looks import Look
from portal.presenters import decoded
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import authorities, signing
from workflows.models import CertificateAuthority, CertificateRevocationList
from workflows.pki.names import format_name
from workflows.vocabulary.permissions import Permission

CURRENT = Look("circle-check", "done", gettext_lazy("Current"))
DUE = Look("hourglass", "waiting", gettext_lazy("Due"))
OVERDUE = Look("triangle-alert", "failed", gettext_lazy("Run out"))
MISSING = Look("circle-dashed", "quiet", gettext_lazy("None yet"))
SHOWN_CRLS = 10
MODIFY = Permission.CERTIFICATE_AUTHORITIES_MODIFY


@require_safe
def authority_list(request: PortalRequest) -> HttpResponse:
    crls = CertificateRevocationList.objects.defer("der").order_by("number")
    found = authorities.visible(request.actor).prefetch_related(Prefetch("crls", crls)).order_by("pk")
    now = timezone.now()
    return show(request, "administration/authorities.html", {"rows": [_row(each, now) for each in found]})


@require_safe
def authority(request: PortalRequest, authority_id: int) -> HttpResponse:
    found = authorities.find(authority_id, actor=request.actor)
    crls = list(found.crls.defer("der").order_by("-number")[:SHOWN_CRLS])
    context = {
        "breadcrumbs": [_to_list()],
        "found": found,
        "chain": [_link(each) for each in signing.chain_of(found)],
        "crls": crls,
        "look": _crl_look(crls[0] if crls else None, timezone.now()),
        "may_publish": found.can_publish and request.actor.may(MODIFY),
    }
    return show(request, "administration/authority.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authority_publish_crl(request: PortalRequest, authority_id: int) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = authorities.find(authority_id, actor=request.actor)
    page = reverse("portal:authority", args=[authority_id])

    def carry_out(force: bool) -> HttpResponse:
        authorities.want_crl(authority_id, actor=request.actor)
        return HttpResponseRedirect(page)

    confirmation = Confirmation(
        question=_("Publish a CRL now?"),
        subject=str(found),
        consequences=[
            _("A worker signs CRL number %(number)d within seconds.") % {"number": found.next_crl_number},
            _("Who has fetched an earlier one may go on with it until that has run out."),
        ],
        submit_label=_("Publish it"),
        cancel_url=page,
        breadcrumbs=[_to_list(), (str(found), page)],
    )
    return confirm(request, confirmation, carry_out)


def _row(found: CertificateAuthority, now: datetime) -> dict[str, Any]:
    crls = list(found.crls.all())
    newest = crls[-1] if crls else None
    own = signing.chain_of(found)[0]
    return {
        "id": found.pk,
        "name": str(found),
        "is_enabled": found.is_enabled,
        "valid_to": own.not_valid_after_utc,
        "crl": newest,
        "look": _crl_look(newest, now),
    }


def _crl_look(newest: CertificateRevocationList | None, now: datetime) -> Look:
    if newest is None:
        return MISSING
    if newest.next_update < now:
        return OVERDUE
    return DUE if newest.next_update - now < signing.RENEW_BEFORE else CURRENT


def _link(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "subject": format_name(certificate.subject),
        "parts": decoded.certificate(certificate.public_bytes(Encoding.DER)),
    }


def _to_list() -> tuple[str, str]:
    return _("Certificate Authorities"), reverse("portal:authorities")
