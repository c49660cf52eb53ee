"""Certificate authorities, as clients read them."""

from __future__ import annotations

from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import CertificateAuthority


def test_authorities(world: World, admin: ApiClient, stranger: ApiClient) -> None:
    issuing = CertificateAuthority.objects.get(logical_name="Countersign Issuing CA 1")
    listed = (
        admin.at("/KeyfactorAPI/")
        .get("CertificateAuthority?QueryString=LogicalName -contains Issuing")
        .json()
    )
    assert [(row["Id"], row["HostName"]) for row in listed] == [(issuing.pk, "countersign.local")]
    assert (listed[0]["AllowedEnrollmentTypes"], listed[0]["KeyRetention"]) == (3, 0)
    shown = admin.get(f"CertificateAuthority/{issuing.pk}").json()
    assert shown["HasKey"] is True
    assert shown["ChainPem"].count("BEGIN CERTIFICATE") == 2
    assert "PRIVATE KEY" not in str(shown)
    assert admin.get("CertificateAuthority/999999").status_code == 404
    assert stranger.get("CertificateAuthority").status_code == 403
    assert stranger.get(f"CertificateAuthority/{issuing.pk}").status_code == 403
