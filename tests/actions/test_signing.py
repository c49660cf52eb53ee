"""A process that may not use CA keys signs nothing; one that may publishes each CRL when it is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests import builders
from tests.world import World
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import authorities, signing
from workflows.errors import PermissionMissing, Unavailable, WrongState
from workflows.models import AuditEntry, CertificateAuthority, CertificateRevocationList, PrivateKey
from workflows.vocabulary.auditing import Category, Operation


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


def test_a_crl_that_is_asked_for_is_published_once(authority: CertificateAuthority, world: World) -> None:
    operator = builders.actor(world.operator)
    with pytest.raises(PermissionMissing):
        authorities.want_crl(authority.pk, actor=operator)
    newest = authority.crls.latest("number")
    for _ in range(2):
        authorities.want_crl(authority.pk, actor=TIMER_SERVICE)
    assert [signing.publish_due_crls(timezone.now()) for _ in range(2)] == [1, 0]
    assert authority.crls.latest("number").number == newest.number + 1
    asked = AuditEntry.objects.get(operation=Operation.Scheduled, category=Category.CertificateAuthority)
    assert asked.after == {"CRL": f"number {newest.number + 1}"}


def test_a_ca_whose_key_is_elsewhere_is_not_asked(world: World) -> None:
    root = CertificateAuthority.objects.get(is_enabled=False)
    with pytest.raises(WrongState, match="is off or its key is kept elsewhere"):
        authorities.want_crl(root.pk, actor=TIMER_SERVICE)


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
