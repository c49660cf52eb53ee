"""The search box: instances by id or title, certificates by name, serial number or thumbprint."""

from __future__ import annotations

import re
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.context import show
from portal.presenters.certificates import Row as CertificateRow
from portal.presenters.certificates import row as certificate_row
from portal.presenters.related import Related, related_row
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import certificates
from workflows.errors import PermissionMissing
from workflows.models import Instance
from workflows.vocabulary.permissions import Permission

SHOWN = 20  # of each kind
LONGEST = 200  # characters of a search
_GUID = re.compile(r"\{?([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})\}?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,18}")
_SEPARATORS = str.maketrans("", "", ": -")


Row = TypeVar("Row", bound=Model)


@require_safe
def search(request: PortalRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    found, issued = _instances(request, text), _certificates(request, text)
    context = {
        "search_text": text,
        "instances": found[:SHOWN],
        "certificates": issued[:SHOWN],
        "is_cut": max(len(found), len(issued)) > SHOWN,
    }
    return show(request, "search.html", context)


def _instances(request: PortalRequest, text: str) -> list[Related]:
    if not text or not any(request.actor.may(permission) for permission in policies.INSTANCE_READS):
        return []
    rows = policies.restrict(Instance.objects.all(), request.actor, Permission.WORKFLOW_INSTANCES_READ)
    lean = rows.select_related("record").defer("data")
    return [
        related_row("", each) for each in _exact_first(lean, _id_of(text), Q(record__title__icontains=text))
    ]


def _id_of(text: str) -> Q:
    """Id or Reference Id; of nothing where the text can be neither."""
    if guid := _GUID.fullmatch(text):
        return Q(guid=UUID(guid[1]))
    return _number(text)


def _number(text: str) -> Q:
    return Q(pk=int(text)) if _NUMBER.fullmatch(text) else Q(pk__in=[])


def _exact_first(rows: QuerySet[Row], exact: Q, similar: Q) -> list[Row]:
    """What is named exactly, then what is named like it, the newest first; one more than is shown."""
    named = list(rows.filter(exact).order_by("-pk")[: SHOWN + 1])
    others = rows.filter(similar).exclude(pk__in=[each.pk for each in named]).order_by("-pk")
    return [*named, *others[: SHOWN + 1 - len(named)]]


def _certificates(request: PortalRequest, text: str) -> list[CertificateRow]:
    try:
        rows = certificates.listed(actor=request.actor)
    except PermissionMissing:
        return []
    hexadecimal = text.translate(_SEPARATORS).upper()
    exact = Q(serial_number=hexadecimal) | Q(thumbprint=hexadecimal) | _number(text)
    found = _exact_first(rows.defer("der"), exact, Q(issued_cn__icontains=text)) if text else []
    now = timezone.now()
    return [certificate_row(each, now) for each in found]
