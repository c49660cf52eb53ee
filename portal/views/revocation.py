"""Revoke: reason, comment and effective date of one certificate."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.forms.revocation import RevocationForm
from portal.messages import blame, status_of
from portal.presenters.certificates import row
from portal.requests import PortalRequest
from portal.views.certificates import way_to
from workflows.access import policies
from workflows.actions import certificates, revocation
from workflows.actions.certificates import CertificateName
from workflows.actions.revocation import Revoked
from workflows.errors import InvalidInput, WrongState
from workflows.models import Certificate
from workflows.vocabulary.permissions import Permission


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_revoke(request: PortalRequest, certificate_id: int) -> HttpResponse:
    policies.require(request.actor, Permission.CERTIFICATES_REVOKE)
    found = certificates.visible(CertificateName(id=certificate_id), actor=request.actor)
    on_hold = revocation.is_on_hold(found)
    form = RevocationForm(request.POST if request.method == "POST" else None, is_on_hold=on_hold)
    if request.method != "POST":
        return _page(request, found, form, refusal=_refusal(found))
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        (done,) = _revoke(request, found, form)
    except InvalidInput as error:
        blame(form, error, {})
        return _page(request, found, form, status=status_of(error))
    except WrongState as error:
        return _page(request, found, form, refusal=str(error), status=status_of(error))
    return _follow(request, done)


def _revoke(request: PortalRequest, found: Certificate, form: RevocationForm) -> list[Revoked]:
    return revocation.revoke(
        [found.pk],
        actor=request.actor,
        reason=form.cleaned_data["reason"],
        comment=form.cleaned_data["comment"],
        effective_at=form.cleaned_data["effective_date"],
    )


def _follow(request: PortalRequest, done: Revoked) -> HttpResponse:
    """To the certificate when it is done, else to the workflow that is under way, if the person sees it."""
    if done.is_done:
        messages.success(request, _("The revocation is carried out."))
    else:
        messages.info(request, _("The revocation has begun; its workflow is not through yet."))
        if any(request.actor.may(permission) for permission in policies.INSTANCE_READS):
            return HttpResponseRedirect(reverse("portal:instance", args=[done.instance.guid]))
    return HttpResponseRedirect(reverse("portal:certificate", args=[done.certificate_id]))


def _refusal(found: Certificate) -> str:
    try:
        revocation.check_revocable(found)
    except WrongState as error:
        return str(error)
    return ""


def _page(
    request: PortalRequest, found: Certificate, form: RevocationForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "breadcrumbs": way_to(request, found),
        "certificate": row(found, timezone.now()),
        "form": form,
        "refusal": refusal,
    }
    return show(request, "certificates/revoke.html", context, status=status)
