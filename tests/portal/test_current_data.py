"""Current Data: names, order and forms of values, for every type."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509

from portal.presenters.current_data import DOCUMENTED, Entry, current_data, label_of
from tests import world as scenery
from tests.world import World
from workflows.vocabulary.workflow_types import WorkflowType

LABELS = {
    "AdditionalAttributes": "Additional Attributes",
    "AlertId": "Alert Id",
    "CACertificateRequestId": "CA Certificate Request Id",
    "CertificateStoreId": "Certificate Store Id",
    "CertificateToBeRenewed": "Certificate To Be Renewed",
    "CSR": "CSR",
    "EnrollStepExecuted": "Enroll Step Executed",
    "IsPFX": "Is PFX",
    "IssuerDN": "Issuer Dn",
    "KeyfactorId": "Keyfactor Id",
    "ManagementJobTime": "Management Job Time",
    "RevokeCode": "RevokeCode",
    "SANs": "SANs",
    "URL": "URL",
    "Username": "Username",
}


@pytest.mark.parametrize(("key", "label"), LABELS.items())
def test_documented_keys_have_the_names_that_people_know(key: str, label: str) -> None:
    assert label_of(key) == label


def labels(workflow_type: WorkflowType, data: dict[str, object]) -> list[str]:
    return [entry.label for entry in current_data(workflow_type, data)[0].entries]


@pytest.mark.parametrize("workflow_type", WorkflowType)
def test_every_type_names_its_own(workflow_type: WorkflowType) -> None:
    keys = sorted(DOCUMENTED[workflow_type])
    found = labels(workflow_type, dict.fromkeys(keys, 1))
    assert found == sorted((label_of(key) for key in keys), key=str.casefold)


def test_custom_values_stand_among_the_others_under_their_own_names() -> None:
    data = {"CertificateId": 7, "ticketNumber": "CHG-1", "AlertId": 3, "bBox": {"a": [1]}}
    assert labels(WorkflowType.Expiration, data) == ["Alert Id", "bBox", "Certificate Id", "ticketNumber"]


def entry(workflow_type: WorkflowType, key: str, value: object) -> Entry:
    return current_data(workflow_type, {key: value})[0].entries[0]


@pytest.mark.parametrize(
    ("key", "value", "shown", "kind"),
    [
        ("RevokeCode", 4, "4 (Superseded)", ""),
        ("RevokeCode", "nonsense", "nonsense", ""),
        ("EffectiveDate", "2026-11-22T10:00:00+00:00", datetime(2026, 11, 22, 10, tzinfo=UTC), ""),
        ("EffectiveDate", "2026-11-22T10:00:00", datetime(2026, 11, 22, 10, tzinfo=UTC), ""),
        ("EffectiveDate", "tomorrow", "tomorrow", ""),
        ("SerialNumber", "0A1B", "0A1B", "hex"),
        ("Subject", "CN=a,O=b", "CN=a,O=b", "dn"),
        ("Delegate", False, False, ""),
    ],
)
def test_values_are_shown_as_what_they_are(key: str, value: object, shown: object, kind: str) -> None:
    found = entry(WorkflowType.Revocation, key, value)
    assert (found.value, found.kind) == (shown, kind)


def test_the_state_of_a_key_has_a_name() -> None:
    assert entry(WorkflowType.Enrollment, "KeyStatus", 2).value == "2 (AwaitingPickup)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1.2.840.10045.3.1.7", "P-256"), ("P-521", "P-521"), ("1.2.3", "1.2.3"), (256, 256), ("", "")],
)
def test_a_curve_has_a_name(value: object, shown: object) -> None:
    (group,) = current_data(WorkflowType.Enrollment, {"Curve": value})
    assert [each.value for each in group.entries] == ([shown] if shown else [])


def test_nothing_is_nothing() -> None:
    assert current_data(WorkflowType.Expiration, {}) == []


def test_requests_and_certificates_are_decoded() -> None:
    csr = scenery.csr("a.keyexample.com", dns=["a.keyexample.com", "b.keyexample.com"])
    groups = current_data(WorkflowType.Enrollment, {"CSR": csr})
    assert [group.label for group in groups] == ["", "CSR, decoded"]
    decoded = {each.label: each.value for each in groups[1].entries}
    assert decoded == {
        "Subject": "CN=a.keyexample.com",
        "DNS Name": ["a.keyexample.com", "b.keyexample.com"],
        "Key": "ECC P-256",
    }


@pytest.mark.parametrize("text", ["nonsense", "MIIB", 7, {"a": 1}])
@pytest.mark.parametrize("key", ["CSR", "RawCertificate", "CertificateToBeRenewed"])
def test_what_cannot_be_decoded_is_shown_as_it_is(key: str, text: object) -> None:
    groups = current_data(WorkflowType.Enrollment, {key: text})
    assert len(groups) == 1
    assert groups[0].entries[0].value == text


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_what_holds_nothing_is_only_named(nothing: object) -> None:
    data = {"CSR": nothing, "EffectiveDate": nothing, "SerialNumber": nothing, "own": nothing, "IsPFX": False}
    (group,) = current_data(WorkflowType.Enrollment, data)
    assert [entry.label for entry in group.entries] == ["Is PFX"]
    assert group.empty == ("CSR", "EffectiveDate", "own", "Serial Number")


def test_an_issued_certificate_is_decoded(world: World) -> None:
    instance = scenery.enroll(world).instance
    groups = current_data(WorkflowType.Enrollment, instance.data)
    assert [group.label for group in groups] == ["", "CSR, decoded", "Raw Certificate, decoded"]
    decoded = {each.label: each.value for each in groups[2].entries}
    certificate = x509.load_der_x509_certificate(base64.b64decode(instance.data["RawCertificate"]))
    assert decoded["Valid until"] == certificate.not_valid_after_utc
    assert decoded["Purposes"] == ["Server Authentication"]
