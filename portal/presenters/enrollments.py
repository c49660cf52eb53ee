"""What became of an enrollment (templates/enroll/complete.html)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from workflows.actions.enrollment import Enrolled
from workflows.actions.restarters import restarted_by
from workflows.models import Certificate, Instance
from workflows.vocabulary.enrollment import RequestDisposition
from workflows.vocabulary.statuses import InstanceStatus


@dataclass(frozen=True)
class Download:
    """A file of a certificate that one can fetch."""

    label: str | Promise
    url: str
    hint: str | Promise = ""


def summary(enrolled: Enrolled, certificate: Certificate | None) -> dict[str, Any]:
    instance = enrolled.instance
    return {
        "subject": str(instance.data.get("Subject") or ""),
        "template": enrolled.request.template.display_name,
        "disposition": disposition(InstanceStatus(instance.status), is_issued=certificate is not None),
        "message": _message(instance),
        "restarted": _restarted(instance),
        "requested": enrolled.request.created_at,
    }


def _message(instance: Instance) -> str:
    """What it was waiting for when it was restarted is awaited no longer."""
    if instance.status == InstanceStatus.CanceledForRestart:
        return _("The request was restarted, and what it went on as was deleted since. Make it anew.")
    return instance.status_message


def _restarted(instance: Instance) -> str:
    """Said on the page of the instance as which a restarted request goes on."""
    if instance.record.restarted_from_id is None:
        return ""
    return _("Your request was restarted by %(name)s and goes on here from its beginning.") % {
        "name": restarted_by(instance) or _("an operator")
    }


def disposition(status: InstanceStatus, *, is_issued: bool) -> RequestDisposition:
    """How the request stands: a certificate may be there while the workflow still runs."""
    if is_issued:
        return RequestDisposition.ISSUED
    match status:
        case InstanceStatus.Running | InstanceStatus.Suspended:
            return RequestDisposition.PENDING
        case InstanceStatus.Rejected | InstanceStatus.CanceledForRestart:
            return RequestDisposition.REJECTED
    return RequestDisposition.FAILED


def issued(certificate: Certificate) -> dict[str, str | int | datetime]:
    return {
        "id": certificate.pk,
        "serial_number": certificate.serial_number,
        "thumbprint": certificate.thumbprint,
        "issuer": certificate.issuer_dn,
        "valid_from": certificate.not_before,
        "valid_to": certificate.not_after,
    }


def downloads(certificate: Certificate, wish: Mapping[str, Any] | None = None) -> list[Download]:
    """The forms in which anybody who sees the certificate may have it, the one that was wished for first."""
    path = partial(_download_url, certificate)
    found = [
        Download(_("PEM with chain"), path("pem", chain=True)),
        Download(_("PEM"), path("pem")),
        Download(_("DER"), path("der")),
        Download(_("PKCS #7"), path("p7b", chain=True)),
    ]
    wished = _wished(path, wish or {})
    return sorted(found, key=lambda download: download.url != wished)


def _wished(path: Callable[..., str], wish: Mapping[str, Any]) -> str:
    """Of the data of the instance; with the chain, unless that was not wished for or finds no place."""
    file_format = str(wish.get("Format") or "PEM").lower()
    with_chain = file_format == "p7b" or (file_format == "pem" and wish.get("IncludeChain", True))
    return path(file_format, chain=with_chain)


def _download_url(certificate: Certificate, file_format: str, *, chain: bool = False) -> str:
    path = reverse("portal:certificate_download", args=[certificate.pk, file_format])
    return f"{path}?chain=1" if chain else path
