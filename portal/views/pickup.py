"""Picking up a certificate with the key that was made here; the key is then forgotten, unless retained."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.downloads import file_response
from portal.forms.pickup import PickupForm
from portal.messages import status_of
from portal.presenters.certificates import row
from portal.requests import PortalRequest
from portal.views.certificates import way_to
from workflows.actions import certificates
from workflows.actions.certificates import CertificateName
from workflows.errors import WrongState
from workflows.models import Certificate
from workflows.vocabulary.enrollment import PrivateKeyStatus


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_pickup(request: PortalRequest, certificate_id: int) -> HttpResponse:
    name = CertificateName(id=certificate_id)
    found = certificates.visible(name, actor=request.actor)
    form = PickupForm(request.POST if request.method == "POST" else None, initial=_wished(found))
    if request.method != "POST":
        return _page(request, found, form, refusal=_refusal(request, found))
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        return file_response(certificates.recover(name, form.secret, form.packing, actor=request.actor))
    except WrongState as error:
        return _page(request, found, form, refusal=str(error), status=status_of(error))


def _wished(found: Certificate) -> dict[str, Any]:
    """The format and the chain as they were wished for at the enrollment."""
    if found.request is None:
        return {}
    wish = found.request.instances.order_by("-pk").values_list("data", flat=True).first() or {}
    return {"file_format": wish.get("Format"), "include_chain": wish.get("IncludeChain", True)}


def _refusal(request: PortalRequest, found: Certificate) -> str:
    if certificates.may_recover(found, actor=request.actor):
        return ""
    return _("Its private key is not here any more, was never here, or is not yours to fetch.")


def _page(
    request: PortalRequest, found: Certificate, form: PickupForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    key = found.private_key
    context = {
        "breadcrumbs": way_to(request, found),
        "certificate": row(found, timezone.now()),
        "form": form,
        "refusal": refusal,
        "is_once": key is not None and key.status == PrivateKeyStatus.AwaitingPickup,
    }
    return show(request, "certificates/pickup.html", context, status=status)
