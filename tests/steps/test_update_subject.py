from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509

from tests import builders
from tests import world as scenery
from tests.steps.running import NAME, problems_of
from tests.world import World
from workflows.actions import approvals
from workflows.actions.enrollment import Enrolled
from workflows.engine import documents
from workflows.errors import InvalidDefinition
from workflows.models import CertificateTemplate
from workflows.vocabulary.enrollment import EnrollmentType
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db

SUBJECT = "CN=www.keyexample.com,OU=Web,O=Key Example,C=US"


def update(**parameters: Any) -> builders.Step:
    return builders.step("UpdateSubject", NAME, ConfigurationParameters=parameters)


def enroll(world: World, *steps: builders.Step, **wish: Any) -> Enrolled:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.allowed_enrollment_types = EnrollmentType.PFX | EnrollmentType.CSR
    template.regexes.all().delete()
    template.save()
    builders.publish(builders.chain(*steps), WorkflowType.Enrollment, keys=[str(template.pk)])
    wish = wish or {"csr": "", "subject": SUBJECT, "sans": {"dns": ["www.keyexample.com"]}}
    return scenery.enroll(world, **wish)


def issued(enrolled: Enrolled) -> x509.Certificate:
    assert enrolled.instance.status == InstanceStatus.Complete, enrolled.instance.status_message
    certificate = enrolled.certificate
    assert certificate is not None
    return x509.load_der_x509_certificate(bytes(certificate.der))


def dns_names(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize(
    ("parts", "subject"),
    [
        ({"O": "Other, Inc."}, 'CN=www.keyexample.com,OU=Web,O="Other, Inc.",C=US'),
        ({"ou": ["One", "Two"]}, "CN=www.keyexample.com,OU=One,OU=Two,O=Key Example,C=US"),
        ({"OU": "", "L": "$(CustomName)"}, "CN=www.keyexample.com,O=Key Example,C=US,L=a\\,CN=b"),
    ],
)
def test_parts_of_the_subject_are_changed(world: World, parts: dict[str, Any], subject: str) -> None:
    wish = {"csr": "", "subject": SUBJECT, "sans": {"dns": ["a.keyexample.com"]}, "custom_name": "a,CN=b"}
    enrolled = enroll(world, update(SubjectParts=parts), **wish)
    assert enrolled.instance.data["Subject"].replace('"a,CN=b"', "a\\,CN=b") == subject
    assert enrolled.certificate is not None
    assert enrolled.certificate.issued_dn == enrolled.instance.data["Subject"]
    assert issued(enrolled).subject.rfc4514_string().count("CN=www.keyexample.com") == 1


@pytest.mark.parametrize(
    ("replace", "expected"),
    [
        (False, ["a.keyexample.com", "b.keyexample.com", "www.keyexample.com"]),
        (True, ["a.keyexample.com", "b.keyexample.com"]),
    ],
)
def test_names_are_added_or_replace_those_of_the_request(
    world: World, replace: bool, expected: list[str]
) -> None:
    wanted = {"ScriptContent": '{"wanted": ["a.keyexample.com", "B.keyexample.com"]}'}
    script = builders.step("SetVariable", "Want", ConfigurationParameters=wanted)
    step = update(SANs={"dns": "$(wanted)"}, ReplaceSANs=replace)
    assert dns_names(issued(enroll(world, script, step))) == expected


def test_of_a_csr_both_are_taken_from_the_data(world: World) -> None:
    step = update(SubjectParts={"CN": "other.keyexample.com"}, SANs={"dns": "other.keyexample.com"})
    certificate = issued(enroll(world, step, csr=scenery.csr("www.keyexample.com")))
    assert certificate.subject.rfc4514_string() == "CN=other.keyexample.com"
    assert dns_names(certificate) == ["other.keyexample.com", "www.keyexample.com"]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"SubjectParts": {"C": "$(cn)"}}, "country"),
        ({"SANs": {"dns": "$(Subject)"}}, "CN="),
        ({"SANs": {"dns": "$(SANs)"}}, "list of texts"),
    ],
)
def test_names_that_are_none_fail(world: World, parameters: dict[str, Any], reason: str) -> None:
    enrolled = enroll(world, update(**parameters))
    assert enrolled.instance.status == InstanceStatus.Failed
    assert reason in enrolled.instance.status_message
    assert enrolled.certificate is None


def test_what_is_rewritten_after_an_approval_is_not_issued(world: World) -> None:
    asked = builders.approval(roles=[world.approvers])
    waiting = enroll(world, asked, update(SubjectParts={"O": "Other"})).instance
    data = {"Approved": "True"}
    approvals.signal(waiting.guid, "RequireApproval1.ApprovalStatus", data, actor=world.actor("approver"))
    builders.run_until_quiet()
    instance = builders.reload(waiting)
    assert instance.status == InstanceStatus.Failed
    assert "approved is not what would be done now" in instance.status_message


def test_a_step_that_changes_nothing_is_refused_when_saved() -> None:
    assert "belongs only in Enrollment" in problems_of("UpdateSubject", {"ReplaceSANs": True})
    assert "changes nothing" in problems_of("UpdateSubject", {})


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"SubjectParts": {"COLOUR": "red"}}, "unknown part 'COLOUR'; known are"),
        ({"SubjectParts": {"COLOUR": "$(cn)"}}, "unknown part 'COLOUR'"),
        ({"SubjectParts": {"C": "DEU"}}, "would fail: "),
        ({"SANs": {"phone": "12"}}, "type 'phone' are not supported; use one of ip"),
        ({"SANs": {"phone": ["$(cn)"]}}, "type 'phone' are not supported"),
        ({"SANs": {"ip": ["$(ip)", "1.2.3"]}}, "would fail: "),
    ],
)
def test_what_would_fail_in_any_run_is_refused_when_saved(parameters: dict[str, Any], words: str) -> None:
    step = builders.step("UpdateSubject", "Tested", ConfigurationParameters=parameters)
    with pytest.raises(InvalidDefinition) as caught:
        documents.prepare(WorkflowType.Enrollment, builders.chain(step))
    (told,) = caught.value.problems
    assert words in told


def test_what_tokens_will_say_is_left_to_the_run() -> None:
    values = {"SubjectParts": {"o": "$(x)"}, "SANs": {"DNS": ["$(names)", "a.example"], "ip": "$(ip)"}}
    step = builders.step("UpdateSubject", "Tested", ConfigurationParameters=values)
    assert documents.prepare(WorkflowType.Enrollment, builders.chain(step))
