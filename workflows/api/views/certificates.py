"""/Certificates: search, one, history, metadata (contract, 6, Certificates)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from workflows.actions import certificates
from workflows.actions.certificates import CertificateName
from workflows.api.serializers.certificates import answers as shown
from workflows.api.serializers.certificates import requests as asked
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import Certificate, CertificateOperation
from workflows.search.certificates import FIELDS
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.permissions import Permission

# Who may enroll sees his own certificates without the permission to read all.
READ = (Permission.CERTIFICATES_READ, Permission.ENROLLMENT_CSR, Permission.ENROLLMENT_PFX)


class CertificateView(View):
    includes_metadata = False

    @property
    def context(self) -> dict[str, Any]:
        return {**super().context, "includes_metadata": self.includes_metadata}


class Certificates(CertificateView):
    @listing(shown.Certificate, fields=FIELDS, sort="Id", permission=READ, query=asked.ManyCertificates)
    def get(self, query: Mapping[str, Any]) -> QuerySet[Certificate]:
        """Certificates that are neither revoked nor expired, unless these are asked for."""
        self.includes_metadata = bool(query["include_metadata"])
        rows = certificates.listed(actor=self.actor).defer("private_key__ciphertext")
        if not query["include_revoked"]:
            rows = rows.exclude(state=CertificateState.Revoked)
        return rows if query["include_expired"] else rows.filter(not_after__gte=timezone.now())


class OneCertificate(CertificateView):
    @operation(query=asked.OneCertificate, answer=shown.Certificate, permission=READ)
    def get(self, certificate_id: int, query: Mapping[str, Any]) -> Certificate:
        """One certificate, revoked or expired ones too."""
        self.includes_metadata = bool(query["include_metadata"])
        return certificates.visible(CertificateName(certificate_id), actor=self.actor)


class History(View):
    @operation(query=asked.Collection, answer=list[shown.Operation], permission=READ)
    def get(self, certificate_id: int, query: Mapping[str, Any]) -> QuerySet[CertificateOperation]:
        """What was done with a certificate, oldest first."""
        certificate = certificates.visible(CertificateName(certificate_id), actor=self.actor)
        return certificate.operations.order_by("pk")


class Metadata(View):
    @operation(
        body=asked.MetadataRequest,
        query=asked.Collection,
        permission=Permission.CERTIFICATES_METADATA_MODIFY,
    )
    def put(self, body: dict[str, Any], query: Mapping[str, Any]) -> None:
        """Set the named metadata fields of a certificate."""
        name = CertificateName(body["certificate_id"])
        certificates.set_metadata(name, body["metadata"], actor=self.actor)


routes = [
    route("Certificates", Certificates),
    route("Certificates/Metadata", Metadata),
    route("Certificates/<int:certificate_id>", OneCertificate),
    route("Certificates/<int:certificate_id>/History", History),
]
