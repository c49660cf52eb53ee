"""docs/enrollment-data.md names every field of the seed document, and is right about when it is there."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests import world as scenery
from tests.actions.test_status_messages import refused_by_ca
from tests.world import World
from workflows.models import CertificateTemplate, Instance

PAGE = Path(__file__).parents[2] / "docs" / "enrollment-data.md"
SEED = """Additional Attributes|Alternative Key Length|Alternative Key Type|Certificate Authority|
    Certificate Chain Content|Certificate To Be Renewed|CSR|Curve|Custom Name|Disposition|Disposition Message|
    Enroll Step Executed|Enrollment Context|CA Certificate Request Status|CA Certificate Request Id|
    Enrollment Pattern|Enrollment Start Time|Format|Include Chain|Is PFX|Issuer Dn|Key Length|Key Retention|
    Key Status|Key Type|Keyfactor Id|Management Job Time|Metadata|Owner Role Id|Raw Certificate|
    Requester Email|SANs|Serial Number|Stores|Subject|Template|Thumbprint"""
BEGINNING = "from the beginning"
ANSWERED = "issued or refused"


def rows() -> list[list[str]]:
    """Field, key, when, value."""
    table = PAGE.read_text(encoding="utf-8").partition("fields: begin -->\n")[2].partition("<!--")[0]
    return [[cell.strip() for cell in line.strip("|\n ").split(" | ")] for line in table.splitlines()[2:]]


def keys(*when: str) -> set[str]:
    return {key.strip("`") for _, key, moment, _ in rows() if moment in when}


def initial(instance: Instance) -> set[str]:
    return set(instance.record.initial_data)


def test_every_field_of_the_document_has_its_line() -> None:
    assert {row[0] for row in rows()} - {"(ours)"} == {name.strip() for name in SEED.split("|")}
    assert {key for _, key, when, _ in rows() if when == "never"} == {"\N{EN DASH}"}
    known = {BEGINNING, "never", "renewal", "issued", "issued with chain", ANSWERED, "refused by the CA"}
    assert {row[2] for row in rows()} == known


@pytest.mark.parametrize("include_chain", [False, True])
def test_an_issued_certificate_leaves_what_the_page_says(world: World, *, include_chain: bool) -> None:
    instance = scenery.enroll(world, include_chain=include_chain).instance
    chain = ("issued with chain",) if include_chain else ()
    assert initial(instance) == keys(BEGINNING)
    assert set(instance.data) == keys(BEGINNING, "issued", ANSWERED, *chain)
    assert instance.data.get("CertificateChainContent", "").count("BEGIN CERTIFICATE") == 2 * include_chain
    template = CertificateTemplate.objects.get(common_name="WebServer")
    assert instance.data["EnrollmentPattern"] == template.pk


def test_a_renewal_names_the_certificate_that_it_replaces(world: World) -> None:
    old = scenery.enroll(world, by="operator").certificate
    assert old is not None
    instance = scenery.enroll(world, by="operator", renewal_certificate_id=old.pk).instance
    assert initial(instance) == keys(BEGINNING, "renewal")
    assert base64.b64decode(instance.data["CertificateToBeRenewed"]) == bytes(old.der)


def test_a_refusal_of_the_ca_leaves_its_request_and_status(world: World) -> None:
    instance, message = refused_by_ca(world)
    added = set(instance.data) - initial(instance)
    assert added == keys("refused by the CA", ANSWERED)
    assert instance.data["CACertificateRequestId"] == str(instance.request_id)
    assert instance.data["DispositionMessage"] == instance.status_message == message
