"""Enrollment patterns: one default for each template, under its id; requests may name it instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import world as scenery
from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import CertificateRequest, CertificateTemplate, Instance

Cast = Callable[..., ApiClient]


@pytest.fixture
def template(world: World) -> CertificateTemplate:
    return CertificateTemplate.objects.get(common_name="WebServer")


def enroll(client: ApiClient, **fields: Any) -> Any:
    return client.post("Enrollment/CSR", {"CSR": scenery.csr(), **fields})


def test_each_template_has_one_the_default(caller: Cast, template: CertificateTemplate) -> None:
    reader = caller("/enrollment_pattern/read/")
    rows = reader.get("EnrollmentPatterns").json()
    assert [row["Id"] for row in rows] == list(
        CertificateTemplate.objects.order_by("common_name").values_list("pk", flat=True)
    )
    assert all(row["TemplateDefault"] and row["Template"]["Id"] == row["Id"] for row in rows)
    [found] = reader.get('EnrollmentPatterns?QueryString=Name -eq "webserver"').json()
    assert found == reader.get(f"EnrollmentPatterns/{template.pk}").json()
    assert found["CertificateAuthorities"] == [str(template.certificate_authority)]
    assert found["Regexes"][0]["SubjectPart"] == "CN"
    assert reader.get("EnrollmentPatterns/999999").status_code == 404
    assert caller("/certificate_templates/").get("EnrollmentPatterns").status_code == 403


def test_a_request_may_name_the_pattern(cast: Cast, template: CertificateTemplate) -> None:
    answer = enroll(cast("requester"), EnrollmentPatternId=template.pk)
    assert answer.status_code == 200, answer.content
    data = Instance.objects.latest("pk").record.initial_data
    assert (data["EnrollmentPattern"], data["Template"]) == (template.pk, "WebServer")
    both = enroll(cast("requester"), EnrollmentPatternId=template.pk, Template="WEBSERVER")
    assert both.status_code == 200


@pytest.mark.parametrize("fields", [{}, {"Template": ""}, {"Template": None, "EnrollmentPatternId": None}])
def test_one_of_both_is_needed(cast: Cast, fields: dict[str, Any]) -> None:
    answer = enroll(cast("requester"), **fields)
    assert (answer.status_code, "EnrollmentPatternId" in answer.json()["Message"]) == (400, True)
    assert not CertificateRequest.objects.exists()


def test_the_pattern_of_another_template_is_refused(cast: Cast, template: CertificateTemplate) -> None:
    answer = enroll(cast("requester"), EnrollmentPatternId=template.pk, Template="CodeSigning")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "0xC0010007")
    assert "WebServer" in answer.json()["Message"]
