"""A process that may not use CA keys signs nothing; one that may publishes each CRL when it is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.world import World
from workflows.actions import signing
from workflows.errors import Unavailable
from workflows.models import CertificateAuthority, CertificateRevocationList, PrivateKey


@pytest.fixture
def authority(world: World) -> CertificateAuthority:
    return CertificateAuthority.objects.get(is_enabled=True)


def test_keys_stay_where_they_may_be_used(authority: CertificateAuthority, settings: Settings) -> None:
    settings.SIGNS_CERTIFICATES = False
    with pytest.raises(Unavailable, match=r"the CA on countersign\.local is not running"):
        signing.connector_for(authority)
    with pytest.raises(Unavailable):
        signing.publish_crl(authority.pk, timezone.now())


def test_a_disabled_ca_signs_nothing(authority: CertificateAuthority) -> None:
    authority.is_enabled = False
    with pytest.raises(Unavailable):
        signing.connector_for(authority)


def test_a_crl_is_made_anew_before_it_runs_out_and_not_sooner(authority: CertificateAuthority) -> None:
    newest = authority.crls.latest("number")
    early = newest.next_update - signing.RENEW_BEFORE - timedelta(minutes=1)
    assert signing.publish_due_crls(early) == 0
    assert signing.publish_due_crls(early + timedelta(minutes=2)) == 1
    assert authority.crls.latest("number").number == newest.number + 1


def test_only_the_newest_crls_are_kept(authority: CertificateAuthority) -> None:
    for _ in range(15):
        signing.publish_crl(authority.pk, timezone.now())
    kept = CertificateRevocationList.objects.filter(authority=authority).order_by("-number")
    assert (kept.count(), kept.first()) == (11, authority.crls.latest("number"))


def test_a_ca_that_cannot_publish_keeps_no_other_from_it(authority: CertificateAuthority) -> None:
    CertificateAuthority.objects.create(
        logical_name="Keyless",
        host_name="countersign.local",
        chain_pem=authority.chain_pem,
        issuer_dn=authority.issuer_dn,
        crl_path="a-keyless-ca",
        private_key=PrivateKey.objects.create(purpose="authority"),
    )
    authority.crls.all().delete()
    assert signing.publish_due_crls(timezone.now()) == 1
    assert authority.crls.count() == 1
