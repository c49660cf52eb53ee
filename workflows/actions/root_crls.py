"""The CRL of a root CA: signed by hand, because no process keeps the root's key."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import signing
from workflows.actions.seeding import write_root_crl
from workflows.errors import InvalidInput
from workflows.models import CertificateAuthority, CertificateRevocationList
from workflows.pki.chains import is_self_signed
from workflows.pki.issuers import Issuer
from workflows.pki.keys import PrivateKey
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission


def publish(key: PrivateKey, *, actor: Actor, now: datetime) -> CertificateRevocationList:
    """A new CRL of the root CA whose key this is. Raises PermissionMissing, InvalidInput."""
    policies.require(actor, Permission.CERTIFICATE_AUTHORITIES_MODIFY)
    with transaction.atomic():
        root = _root_of(key)
        urls = (root.crl_url,), (root.certificate_url,)
        write_root_crl(root, Issuer(str(root), signing.chain_of(root)[0], *urls), key, now)
        crl = root.crls.latest("number")
        audit.record(
            Operation.Published,
            Category.CertificateAuthority,
            actor=actor,
            name=str(root),
            identifier=root.pk,
            after={"Number": crl.number, "NextUpdate": crl.next_update.isoformat()},
        )
    return crl


def _root_of(key: PrivateKey) -> CertificateAuthority:
    for authority in CertificateAuthority.objects.select_for_update().order_by("pk"):
        own = signing.chain_of(authority)[0]
        if is_self_signed(own) and own.public_key() == key.public_key():
            return authority
    raise InvalidInput("This is not the private key of a root CA of this installation.")
