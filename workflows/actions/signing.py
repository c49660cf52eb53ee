"""CA rows made able to sign: their connectors, and the CRLs they publish."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import structlog
from cryptography import x509
from django.conf import settings
from django.db import transaction

from workflows import audit
from workflows.access.actors import TIMER_SERVICE
from workflows.connectors.authorities.builtin import BuiltinAuthority
from workflows.encryption import decrypt, encrypt
from workflows.errors import DomainError, Unavailable
from workflows.models import Certificate, CertificateAuthority, CertificateRevocationList, PrivateKey
from workflows.pki import decoding, keys
from workflows.pki.crl import Revocation
from workflows.pki.issuers import Issuer
from workflows.vocabulary import messages
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.revocation_reasons import RevocationReason

log = structlog.get_logger(__name__)

RENEW_BEFORE = timedelta(hours=12)  # a CRL is made anew this long before it runs out


def connector_for(authority: CertificateAuthority) -> BuiltinAuthority:
    """The connector that signs for a CA; raises Unavailable when it is off or its key is not here."""
    if not (settings.SIGNS_CERTIFICATES and authority.is_enabled and authority.private_key_id):
        raise Unavailable(messages.ca_not_running(authority.host_name))
    urls = (authority.crl_url, authority.certificate_url)
    return _builtin(authority.private_key_id, str(authority), authority.chain_pem, *urls)


def chain_of(authority: CertificateAuthority) -> list[x509.Certificate]:
    """The CA's own certificate first, then its issuers up to the root."""
    return list(_chain(authority.chain_pem))


def store_key(key: keys.PrivateKey, purpose: str, status: int) -> PrivateKey:
    """Write a private key, encrypted and bound to its row."""
    row = PrivateKey.objects.create(purpose=purpose, status=status)
    row.ciphertext = encrypt(keys.private_der(key), table="private_key", row=row.pk, field="ciphertext")
    row.save(update_fields=["ciphertext"])
    return row


def load_key(row: PrivateKey) -> keys.PrivateKey:
    """The key behind a row; raises Unavailable when it was dropped."""
    if row.ciphertext is None:
        raise Unavailable("The private key is no longer kept.")
    der = decrypt(bytes(row.ciphertext), table="private_key", row=row.pk, field="ciphertext")
    return keys.load_private(der)


def publish_crl(authority_id: int, now: datetime) -> CertificateRevocationList:
    """Sign a CRL over all that is revoked now (RFC 5280, 5); numbers grow by one under the CA's lock."""
    with transaction.atomic():
        authority = CertificateAuthority.objects.select_for_update().get(pk=authority_id)
        # Read before the list: whatever is settled here is certainly on it.
        settled = list(Certificate.objects.filter(authority=authority, awaits_crl=True).values_list("pk"))
        number, next_update = authority.next_crl_number, now + timedelta(hours=authority.crl_hours)
        der = connector_for(authority).publish_crl(
            _revocations(authority), number=number, this_update=now, next_update=next_update
        )
        crl = CertificateRevocationList.objects.create(
            authority=authority, number=number, der=der, this_update=now, next_update=next_update
        )
        authority.next_crl_number, authority.crl_wanted_at = number + 1, None
        authority.save(update_fields=["next_crl_number", "crl_wanted_at"])
        Certificate.objects.filter(pk__in=[pk for (pk,) in settled]).update(awaits_crl=False)
        authority.crls.filter(number__lt=number - 10).delete()
        after = {"Number": number, "NextUpdate": next_update.isoformat()}
        audit.record(
            Operation.Published,
            Category.CertificateAuthority,
            actor=TIMER_SERVICE,
            name=str(authority),
            identifier=authority.pk,
            after=after,
        )
        return crl


def publish_due_crls(now: datetime) -> int:
    """Publish where the newest CRL is missing, runs out soon or misses a revocation, or one is asked for.

    Returns how many were published. A CA that cannot publish is logged and keeps no other from it.
    """
    due = [each for each in CertificateAuthority.objects.filter(is_enabled=True) if _is_due(each, now)]
    return sum(_is_published(each, now) for each in due)


def _is_published(authority: CertificateAuthority, now: datetime) -> bool:
    try:
        publish_crl(authority.pk, now)
    except (DomainError, ValueError):
        log.exception("a CA cannot publish its CRL", authority=str(authority))
        return False
    return True


def _is_due(authority: CertificateAuthority, now: datetime) -> bool:
    newest = authority.crls.order_by("-number").first()
    if newest is None or authority.crl_wanted_at or newest.next_update - now < RENEW_BEFORE:
        return authority.private_key_id is not None
    return Certificate.objects.filter(authority=authority, awaits_crl=True).exists()


def _revocations(authority: CertificateAuthority) -> list[Revocation]:
    rows = Certificate.objects.filter(authority=authority, state=CertificateState.Revoked)
    values = rows.values_list("serial_number", "revocation_effective_at", "revocation_reason")
    return [
        Revocation(int(serial, 16), effective, RevocationReason(reason))
        for serial, effective, reason in values
        if effective is not None and reason is not None
    ]


@lru_cache(maxsize=16)
def _builtin(key_id: int, name: str, chain_pem: str, crl_url: str, certificate_url: str) -> BuiltinAuthority:
    own, *parents = _chain(chain_pem)
    issuer = Issuer(name, own, (crl_url,), (certificate_url,))
    return BuiltinAuthority(issuer, load_key(PrivateKey.objects.get(pk=key_id)), tuple(parents))


@lru_cache(maxsize=32)
def _chain(chain_pem: str) -> tuple[x509.Certificate, ...]:
    return decoding.load_chain(chain_pem)
