"""pkilint's findings: on the review page by a fragment or a link, in the enroll page by *Only check*."""

from __future__ import annotations

import uuid

import pytest
from pytest_django import Settings

from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import rehearsal, revocation
from workflows.models import CertificateRequest, CertificateTemplate, Instance, PrivateKey
from workflows.vocabulary.revocation_reasons import RevocationReason

NOTHING = "pkilint has nothing to say"


@pytest.fixture
def waiting(world: World) -> Instance:
    """An enrollment for a name that pkilint calls no domain name."""
    CertificateTemplate.objects.update(allow_wildcards=True)
    scenery.needs_approvals(world)
    return scenery.enroll(world, csr=scenery.csr(dns=["www.keyexample.com", "*.keyexample.com"])).instance


def test_the_review_page_loads_what_pkilint_found(visit: Visitors, waiting: Instance) -> None:
    client = visit("approver")
    page = client.get(f"/workflow/my/{waiting.guid}").text
    assert f'hx-get="/workflow/my/{waiting.guid}/lint"' in page
    assert f'<a href="/workflow/my/{waiting.guid}/lint">' in page
    found = client.get(f"/workflow/my/{waiting.guid}/lint").text
    assert "Invalid domain name syntax" in found
    assert "subjectAltName.0.<wbr>dNSName" in found
    assert "Error" in found


def test_a_sound_certificate_is_called_so(visit: Visitors, world: World, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://countersign.keyexample.com"
    scenery.needs_approvals(world)
    sound = scenery.enroll(world).instance
    assert NOTHING in visit("approver").get(f"/workflow/my/{sound.guid}/lint").text


def test_a_key_that_the_server_is_to_make_is_stood_for(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world, template="WebServerPfx")
    instance = scenery.enroll(world, template="WebServerPfx", csr="", subject="CN=a.keyexample.com").instance
    keys = PrivateKey.objects.count()
    assert visit("approver").get(f"/workflow/my/{instance.guid}/lint").status_code == 200
    assert PrivateKey.objects.count() == keys


def test_what_cannot_be_issued_any_more_says_why(visit: Visitors, waiting: Instance) -> None:
    waiting.data["Subject"] = "no name"
    waiting.save(update_fields=["data"])
    answer = visit("approver").get(f"/workflow/my/{waiting.guid}/lint")
    assert answer.status_code == 200
    assert answer.context["error"]


def test_the_same_content_is_judged_once(world: World, waiting: Instance) -> None:
    request = CertificateRequest.objects.get()
    first = rehearsal.opinion(request, waiting.data)
    assert rehearsal.opinion(request, dict(waiting.data)) is first
    assert rehearsal.opinion(request, {**waiting.data, "Subject": "CN=other.keyexample.com"}) is not first


def test_only_check_tells_before_anything_is_sent(visit: Visitors, world: World) -> None:
    CertificateTemplate.objects.update(allow_wildcards=True)
    csr = scenery.csr(dns=["www.keyexample.com", "*.keyexample.com"])
    sent = {"template": "WebServer", "csr": csr, "check": "1"}
    page = visit("requester").post("/enroll/csr", sent).text
    assert "It would be issued as it stands" in page
    assert "Invalid domain name syntax" in page
    assert not CertificateRequest.objects.exists()


def test_nothing_speaks_against_what_is_sound(visit: Visitors, world: World, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://countersign.keyexample.com"
    sent = {"template": "WebServer", "csr": scenery.csr(), "check": "1"}
    page = visit("requester").post("/enroll/csr", sent).text
    assert "Nothing speaks against it" in page
    assert NOTHING in page


def test_it_is_seen_by_those_who_see_the_request(visit: Visitors, waiting: Instance) -> None:
    assert visit("stranger").get(f"/workflow/my/{waiting.guid}/lint").status_code == 404
    assert visit("approver").get(f"/workflow/my/{uuid.uuid4()}/lint").status_code == 404


def test_other_workflows_have_nothing_to_lint(visit: Visitors, world: World) -> None:
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    revocation.revoke(
        [certificate.pk],
        reason=RevocationReason.Superseded,
        comment="Superseded.",
        effective_at=None,
        actor=world.actor("operator"),
    )
    instance = Instance.objects.latest("pk")
    assert visit("operator").get(f"/workflow/my/{instance.guid}/lint").status_code == 404
