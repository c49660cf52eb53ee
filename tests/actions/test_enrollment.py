"""Enrollment: what is refused before anything is written, and what a template makes of the rest."""

from __future__ import annotations

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from django.db import connection

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.actions import certificate_files, certificates, enrollment
from workflows.actions.certificate_files import Packing
from workflows.actions.certificates import CertificateName
from workflows.actions.enrollment import Enrolled
from workflows.actions.enrollment_wishes import Wish
from workflows.encryption import Secret
from workflows.errors import (
    DomainError,
    InvalidCsr,
    InvalidInput,
    InvalidName,
    InvalidTemplate,
    KeyNotAllowed,
    NotFound,
    PermissionMissing,
    WrongState,
)
from workflows.models import (
    Certificate,
    CertificateAuthority,
    CertificateRequest,
    CertificateTemplate,
    Instance,
    MetadataField,
    PrivateKey,
)
from workflows.vocabulary.enrollment import (
    KeyRetentionPolicy,
    MetadataDataType,
    MetadataEnrollment,
    PrivateKeyStatus,
)
from workflows.vocabulary.statuses import InstanceStatus

PASSWORD = Secret("correct horse")


def pfx(world: World, **wish: object) -> Enrolled:
    given = {"subject": "CN=appsrvr14.keyexample.com", "sans": {"dns": ["appsrvr14.keyexample.com"]}, **wish}
    asked = Wish(template="WebServerPfx", **given)  # type: ignore[arg-type]
    enrolled = enrollment.enroll(asked, actor=world.actor("requester"))
    builders.run_until_quiet()
    return Enrolled(enrolled.request, builders.reload(enrolled.instance))


def issued(enrolled: Enrolled) -> Certificate:
    assert enrolled.certificate is not None, enrolled.instance.status_message
    return enrolled.certificate


def test_the_key_of_a_pfx_enrollment_is_made_once_and_dropped_after_pickup(world: World) -> None:
    certificate = issued(pfx(world, key_type="ECC", curve="P-384"))
    name, actor = CertificateName(id=certificate.pk), world.actor("requester")
    key, own, parents = pkcs12.load_key_and_certificates(
        certificates.recover(name, PASSWORD, actor=actor).content, PASSWORD.reveal().encode()
    )
    assert key is not None
    assert own is not None
    assert own.public_key() == key.public_key()
    assert len(parents) == 2
    row = PrivateKey.objects.get(pk=certificate.private_key_id)
    assert (row.ciphertext, row.status) == (None, PrivateKeyStatus.Dropped)
    with pytest.raises(WrongState, match="fetched before"):
        certificates.recover(name, PASSWORD, actor=actor)


def test_a_retained_key_can_be_fetched_again(world: World) -> None:
    templates = CertificateTemplate.objects.filter(common_name="WebServerPfx")
    templates.update(key_retention=KeyRetentionPolicy.Indefinite)
    enrolled = pfx(world)
    assert enrolled.instance.status_message == "Issued. The private key was successfully retained."
    name = CertificateName(thumbprint=issued(enrolled).thumbprint.lower())
    for _ in range(2):
        assert certificates.recover(name, PASSWORD, actor=world.actor("requester")).content


def test_who_may_pick_up(world: World) -> None:
    name = CertificateName(id=issued(pfx(world)).pk)
    with pytest.raises(PermissionMissing):
        certificates.recover(name, PASSWORD, actor=world.actor("stranger"))
    assert certificates.recover(name, PASSWORD, actor=world.actor("operator")).name.endswith(".pfx")


def test_a_wrong_name_or_an_empty_password_drops_no_key(world: World) -> None:
    certificate = issued(pfx(world))
    actor = world.actor("requester")
    with pytest.raises(NotFound):
        certificates.recover(CertificateName(id=4711), PASSWORD, actor=actor)
    with pytest.raises(InvalidInput, match="Name the certificate"):
        certificates.recover(CertificateName(serial_number="00"), PASSWORD, actor=actor)
    with pytest.raises(InvalidInput, match="password"):
        certificates.recover(CertificateName(id=certificate.pk), Secret(""), actor=actor)
    assert PrivateKey.objects.get(pk=certificate.private_key_id).ciphertext


def test_openssl_accepts_the_chain(world: World, tmp_path: Path) -> None:
    leaf, issuing, root = certificate_files.texts(issued(scenery.enroll(world)), Packing("PEM"))
    for file, text in (("leaf", leaf), ("issuing", issuing), ("root", root)):
        (tmp_path / f"{file}.pem").write_text(text)
    arguments = ["-CAfile", "root.pem", "-untrusted", "issuing.pem", "-purpose", "sslserver", "leaf.pem"]
    result = subprocess.run(
        ["openssl", "verify", "-x509_strict", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.strip() == "leaf.pem: OK", result.stderr


@pytest.mark.parametrize("file_format", ["PEM", "DER", "P7B", "pem"])
def test_downloads(world: World, file_format: str) -> None:
    name = CertificateName(id=issued(scenery.enroll(world)).pk)
    file = certificates.download(name, Packing(file_format), actor=world.actor("operator"))
    assert file.name.startswith("appsrvr12.keyexample.com.")
    with pytest.raises(InvalidInput, match="JKS"):
        certificates.download(name, Packing("JKS"), actor=world.actor("operator"))


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"csr": "no request"}, InvalidCsr),
        ({"template": "Nothing"}, InvalidTemplate),
        ({"template": "WebServerPfx"}, InvalidTemplate),
        ({"authority": "elsewhere\\Other CA"}, InvalidInput),
        ({"sans": {"dns": ["not a host"]}}, InvalidName),
        ({"sans": {"x400": ["c=de"]}}, DomainError),
        ({"metadata": {"Nowhere": "x"}}, InvalidInput),
        ({"additional_fields": {"Nowhere": "x"}}, InvalidInput),
        ({"owner_role_name": "Nobody"}, InvalidInput),
        ({"renewal_certificate_id": 0}, InvalidInput),
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    world: World, wish: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        scenery.enroll(world, **wish)  # type: ignore[arg-type]
    assert not CertificateRequest.objects.exists()
    assert not Instance.objects.exists()


def test_only_a_certificate_that_the_requester_may_see_is_renewed(world: World) -> None:
    own = issued(pfx(world))
    renewal = pfx(world, renewal_certificate_id=own.pk)
    assert renewal.request.renews == own
    Certificate.objects.filter(pk=own.pk).update(requester=world.operator)
    with pytest.raises(InvalidInput, match="is no certificate"):
        pfx(world, renewal_certificate_id=own.pk)


def test_a_key_that_the_template_does_not_allow_is_refused(world: World) -> None:
    CertificateTemplate.objects.filter(common_name="WebServer").update(
        key_specs=[{"type": "RSA", "bits": 3072, "curve": None}]
    )
    with pytest.raises(KeyNotAllowed, match="RSA 3072"):
        scenery.enroll(world)
    with pytest.raises(KeyNotAllowed):
        pfx(world, key_type="RSA", key_length=1024)
    assert not Instance.objects.exists()


def test_only_allowed_requesters_may_enroll_where_a_template_names_them(world: World) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.use_allowed_requesters = True
    template.save()
    with pytest.raises(PermissionMissing, match="allowed requesters"):
        scenery.enroll(world)
    template.allowed_requesters.add(world.requester.roles.get())
    assert scenery.enroll(world).certificate


def test_metadata_is_checked_and_kept(world: World) -> None:
    MetadataField.objects.create(
        name="Department", description="Who pays", enrollment=MetadataEnrollment.Required
    )
    MetadataField.objects.create(name="Units", description="x", data_type=MetadataDataType.Integer)
    with pytest.raises(InvalidInput, match="Department is required"):
        scenery.enroll(world)
    with pytest.raises(InvalidInput, match="Units must be a whole number"):
        scenery.enroll(world, metadata={"department": "IT", "Units": "many"})
    certificate = issued(scenery.enroll(world, metadata={"department": "IT", "Units": 7}))
    assert certificate.metadata == {"Department": "IT", "Units": 7}


def test_a_ca_that_is_off_fails_with_the_references_words(world: World) -> None:
    CertificateAuthority.objects.update(is_enabled=False)
    instance = scenery.enroll(world).instance
    host = CertificateAuthority.objects.first().host_name  # type: ignore[union-attr]
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message == (
        f"Either the credentials are invalid, or the CA on {host} is not running"
    )
    assert not Certificate.objects.exists()


def test_sans_that_are_sent_replace_those_of_the_request(world: World) -> None:
    enrolled = scenery.enroll(world, sans={"DNS": ["b.keyexample.com", "a.keyexample.com"], "ip": ["::1"]})
    assert enrolled.instance.data["SANs"] == {
        "DNS Name": {"Entry 1": "a.keyexample.com", "Entry 2": "b.keyexample.com"},
        "IPv6 Address": {"Entry 1": "::1"},
    }
    assert issued(enrolled)


@pytest.mark.django_db(transaction=True)
def test_a_key_is_handed_out_once_to_those_who_fetch_it_at_the_same_instant(world: World) -> None:
    certificate, together = issued(pfx(world)), threading.Barrier(4)

    def fetch(_: int) -> str:
        actor = world.actor("requester")
        try:
            together.wait()
            certificates.recover(CertificateName(certificate.pk), PASSWORD, actor=actor)
        except WrongState:
            return "too late"
        finally:
            connection.close()
        return "fetched"

    with ThreadPoolExecutor(together.parties) as pool:
        outcomes = sorted(pool.map(fetch, range(together.parties)))
    assert outcomes == ["fetched", "too late", "too late", "too late"]
