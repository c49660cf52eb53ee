"""Certificate requests, certificates and what was done with them.

Requests and certificates outlive the instances that made them. `certificate_per_request` is what makes
issuance exactly-once: restart and continue inherit the request, and no request gets a second certificate.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from workflows.models.authorities import CertificateAuthority, PrivateKey
from workflows.models.people import Role, User
from workflows.models.templates import CertificateTemplate
from workflows.vocabulary.enrollment import CertificateState


class CertificateRequest(models.Model):
    """What somebody asked for; its id is `KeyfactorRequestId` of the wire."""

    template = models.ForeignKey(CertificateTemplate, on_delete=models.PROTECT)
    authority = models.ForeignKey(CertificateAuthority, on_delete=models.PROTECT)
    requester = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    requester_name = models.CharField(max_length=200)
    is_pfx = models.BooleanField()
    csr = models.TextField(blank=True)
    key_spec = models.JSONField(help_text="Type and size of the key, the requester's or the one to be made.")
    private_key = models.ForeignKey(PrivateKey, null=True, on_delete=models.SET_NULL)
    owner_role = models.ForeignKey(Role, null=True, on_delete=models.SET_NULL)
    renews = models.ForeignKey("Certificate", null=True, on_delete=models.SET_NULL, related_name="renewals")
    created_at = models.DateTimeField(auto_now_add=True)


class Certificate(models.Model):
    """An issued certificate; its id is `KeyfactorId` (also called Certificate Id) of the wire."""

    request = models.ForeignKey(
        CertificateRequest, null=True, on_delete=models.PROTECT, related_name="certificates"
    )
    authority = models.ForeignKey(CertificateAuthority, on_delete=models.PROTECT)
    template = models.ForeignKey(CertificateTemplate, null=True, on_delete=models.PROTECT)
    serial_number = models.CharField(max_length=40, help_text="Upper-case hexadecimal.")
    thumbprint = models.CharField(max_length=40, help_text="SHA-1 of the DER, upper-case hexadecimal.")
    issued_dn = models.TextField()
    issued_cn = models.CharField(max_length=255, blank=True)
    issuer_dn = models.TextField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    der = models.BinaryField()
    intent_digest = models.CharField(max_length=64, help_text="Digest of the IssuanceIntent that was signed.")
    state = models.PositiveSmallIntegerField(default=CertificateState.Active)
    private_key = models.ForeignKey(PrivateKey, null=True, on_delete=models.SET_NULL)
    requester = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    requester_name = models.CharField(max_length=200, blank=True)
    owner_role = models.ForeignKey(Role, null=True, on_delete=models.SET_NULL)
    metadata = models.JSONField(default=dict, blank=True)
    custom_name = models.CharField(max_length=255, blank=True)
    revocation_reason = models.SmallIntegerField(null=True, blank=True)
    revocation_comment = models.TextField(blank=True)
    revocation_effective_at = models.DateTimeField(null=True, blank=True)
    awaits_crl = models.BooleanField(default=False, help_text="Revoked or lifted since the newest CRL.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request"], name="certificate_per_request"),
            models.UniqueConstraint(fields=["authority", "serial_number"], name="issuer_and_serial"),
            models.UniqueConstraint(fields=["thumbprint"], name="certificate_thumbprint_is_unique"),
        ]
        indexes: ClassVar = [
            # The dashboard and expiry searches: what expires next.
            models.Index(fields=["not_after", "id"], name="certificate_by_expiry"),
            # Certificate search by metadata value.
            GinIndex(fields=["metadata"], name="certificate_by_metadata", opclasses=["jsonb_path_ops"]),
            # Whether a CRL is due, and what it settles.
            models.Index(
                fields=["authority"], name="certificate_awaits_crl", condition=models.Q(awaits_crl=True)
            ),
            # Building a CRL: the revoked certificates of one CA.
            models.Index(
                fields=["authority"],
                name="certificate_revoked",
                condition=models.Q(state=CertificateState.Revoked),
            ),
        ]


class CertificateOperation(models.Model):
    """One line of a certificate's history (GET /Certificates/{id}/History)."""

    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="operations")
    action = models.CharField(max_length=40)
    user_name = models.CharField(max_length=200)
    comment = models.TextField(blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
