"""Certificate authorities, their CRLs, and encrypted private keys."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from workflows.vocabulary.enrollment import PrivateKeyStatus


class PrivateKey(models.Model):
    """A key encrypted at rest; instances and answers know only its id and status (design.md, 5)."""

    purpose = models.CharField(max_length=20)  # "authority" or "certificate"
    ciphertext = models.BinaryField(null=True)
    status = models.PositiveSmallIntegerField(default=PrivateKeyStatus.Retained)
    created_at = models.DateTimeField(auto_now_add=True)
    dropped_at = models.DateTimeField(null=True, blank=True)


class CertificateAuthority(models.Model):
    r"""A CA that signs; shown as `host\logical name` (D18). `kind` names its connector."""

    logical_name = models.CharField(max_length=200)
    host_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, default="builtin")
    chain_pem = models.TextField(help_text="The CA's own certificate first, then its issuers.")
    issuer_dn = models.TextField()
    private_key = models.ForeignKey(PrivateKey, null=True, on_delete=models.PROTECT)
    crl_path = models.SlugField(max_length=100, help_text="Name of the CRL and CA files under PUBLIC_URL.")
    crl_hours = models.PositiveIntegerField(default=24 * 7)
    next_crl_number = models.PositiveBigIntegerField(default=1)
    crl_wanted_at = models.DateTimeField(null=True, blank=True, help_text="Asked for and not yet published.")
    allowed_enrollment_types = models.PositiveSmallIntegerField(default=3)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("host_name"), Lower("logical_name"), name="authority_is_unique"),
            models.UniqueConstraint(fields=["crl_path"], name="authority_crl_path_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.host_name}\\{self.logical_name}"

    def is_called(self, name: str) -> bool:
        """Whether it is meant by its whole or its logical name, in any case."""
        return name.strip().casefold() in {str(self).casefold(), self.logical_name.casefold()}

    @property
    def can_publish(self) -> bool:
        """Whether a worker may sign with its key; that of a root is kept outside."""
        return self.is_enabled and self.private_key_id is not None

    @property
    def crl_url(self) -> str:
        return f"{settings.PUBLIC_URL}/pki/{self.crl_path}.crl"

    @property
    def certificate_url(self) -> str:
        return f"{settings.PUBLIC_URL}/pki/{self.crl_path}.cer"


class CertificateRevocationList(models.Model):
    """A published CRL; the newest by number is served (RFC 5280, section 5)."""

    authority = models.ForeignKey(CertificateAuthority, on_delete=models.CASCADE, related_name="crls")
    number = models.PositiveBigIntegerField()
    der = models.BinaryField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "number"], name="crl_number_is_unique")
        ]
