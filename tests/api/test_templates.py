"""Templates: reading them in both profiles, and what an administrator may change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import AuditEntry, CertificateTemplate, Role
from workflows.vocabulary.auditing import Category, Operation


@pytest.fixture
def template(world: World) -> CertificateTemplate:
    return CertificateTemplate.objects.get(common_name="WebServer")


def test_a_template_as_clients_read_it(admin: ApiClient, template: CertificateTemplate) -> None:
    shown = admin.at("/KeyfactorAPI/").get(f"Templates/{template.pk}").json()
    assert shown["CommonName"] == shown["TemplateName"] == "WebServer"
    assert (shown["KeyType"], shown["KeySize"], shown["KeyTypes"]) == ("ECC", "256", "ECC, RSA")
    assert (shown["AllowedEnrollmentTypes"], shown["KeyRetention"], shown["KeyUsage"]) == (2, 0, 128)
    assert shown["TemplateRegexes"][0]["SubjectPart"] == "CN"
    assert shown["ExtendedKeyUsages"] == [
        {"Id": 1, "Oid": "1.3.6.1.5.5.7.3.1", "DisplayName": "Server Authentication"}
    ]
    assert shown["TemplatePolicy"]["KeyInfo"] == {
        "Ecdsa": {"BitLengths": [256, 384], "Curves": ["P-256", "P-384"]},
        "Rsa": {"BitLengths": [2048, 3072, 4096], "Curves": []},
    }
    assert admin.get(f"Templates/{template.pk}").json()["AllowedEnrollmentTypes"] == "CSR"


def test_the_list(admin: ApiClient, template: CertificateTemplate, stranger: ApiClient) -> None:
    listed = admin.get('Templates?QueryString=TemplateName -startswith "web"').json()
    assert [row["CommonName"] for row in listed] == ["WebServer", "WebServerPfx"]
    assert "TemplatePolicy" not in listed[0]
    assert stranger.get("Templates").status_code == 403
    assert stranger.get(f"Templates/{template.pk}").status_code == 403


def test_the_editable_fields(admin: ApiClient, template: CertificateTemplate, stranger: ApiClient) -> None:
    Role.objects.create(name="Webmasters")
    body = {
        "Id": template.pk,
        "FriendlyName": "Web",
        "AllowedEnrollmentTypes": 3,
        "KeyRetention": "Indefinite",
        "KeyUsage": 0xA0,
        "ValidityDays": 90,
        "UseAllowedRequesters": True,
        "AllowedRequesters": ["webmasters"],
        "EnrollmentFields": [{"Name": "Reason", "Options": ["a", "b"], "DataType": 2}],
        "TemplateRegexes": [
            {"SubjectPart": "O", "Regex": "^Example$", "Error": "Must be Example"},
            {"SubjectPart": "OU", "Regex": "", "Error": None},
        ],
        "TemplatePolicy": {
            "AllowWildcards": True,
            "RFCEnforcement": True,
            "KeyInfo": {"Ecdsa": {"Curves": ["P-256"]}, "Rsa": {"BitLengths": [3072]}},
        },
    }
    shown = admin.put("Templates", body).json()
    assert shown["DisplayName"] == "Web"
    assert (shown["AllowedEnrollmentTypes"], shown["KeyRetention"]) == ("PFX, CSR", "Indefinite")
    assert (shown["KeyUsage"], shown["ValidityDays"], shown["RFCEnforcement"]) == (0xA0, 90, True)
    assert (shown["UseAllowedRequesters"], shown["AllowedRequesters"]) == (True, ["Webmasters"])
    assert shown["EnrollmentFields"] == [
        {"Id": 1, "Name": "Reason", "Options": ["a", "b"], "DataType": "MultipleChoice"}
    ]
    assert [rule["SubjectPart"] for rule in shown["TemplateRegexes"]] == ["O"]
    assert shown["TemplatePolicy"]["AllowWildcards"] is True
    assert (shown["KeyTypes"], shown["Curve"]) == ("ECC, RSA", "P-256")
    assert admin.put("Templates", shown).json() == shown, "what is read can be written back"
    entry = AuditEntry.objects.filter(category=Category.Template, operation=Operation.Updated).earliest("pk")
    assert (entry.before["validity_days"], entry.after["validity_days"]) == (200, 90)
    assert stranger.put("Templates", body).status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"ValidityDays": 0},
        {"ValidityDays": 2**31},
        {"AllowedEnrollmentTypes": 8},
        {"AllowedRequesters": ["nobody"]},
        {"KeyUsage": 4},
        {"KeyUsage": 0},
        {"TemplateRegexes": [{"SubjectPart": "XX", "Regex": "a"}]},
        {"TemplateRegexes": [{"SubjectPart": "CN", "Regex": "(("}]},
        {"TemplateRegexes": [{"SubjectPart": "CN", "Regex": "a"}, {"SubjectPart": "cn", "Regex": "b"}]},
        {"TemplatePolicy": {"KeyInfo": {"Rsa": {"BitLengths": []}}}},
        {"TemplatePolicy": {"KeyInfo": {"Rsa": {"BitLengths": [1024]}}}},
        {"TemplatePolicy": {"KeyInfo": {"Ecdsa": {"Curves": ["P-192"]}}}},
        {"MetadataFields": [{"MetadataId": 1}]},
        {"TemplateDefaults": [{"SubjectPart": "O"}]},
    ],
)
def test_what_could_issue_nothing_is_refused_whole(
    admin: ApiClient, template: CertificateTemplate, fields: dict[str, Any]
) -> None:
    answer = admin.put("Templates", {"Id": template.pk, "FriendlyName": "changed"} | fields)
    assert answer.status_code == 400, answer.content
    template.refresh_from_db()
    assert template.display_name != "changed"


def test_an_unknown_template_is_404(admin: ApiClient) -> None:
    assert admin.put("Templates", {"Id": 999_999}).status_code == 404
