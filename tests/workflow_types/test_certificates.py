"""The tokens of the types about one certificate, as a workflow reads them."""

from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests import world as scenery
from tests.actions.conftest import world
from tests.steps.running import run_step
from tests.world import World
from workflows.models import Certificate, Role
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

__all__ = ["world"]
pytestmark = pytest.mark.django_db

ABOUT_A_CERTIFICATE = [
    WorkflowType.CertificateEnteredCollection,
    WorkflowType.CertificateLeftCollection,
    WorkflowType.CertificateEnteredStore,
    WorkflowType.CertificateLeftStore,
    WorkflowType.Expiration,
]


@pytest.fixture
def certificate(world: World) -> Certificate:
    """One that the built-in CA has issued, owned by a role."""
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    owner = builders.role("Owners")
    Role.objects.filter(pk=owner.pk).update(email_address="owners@keyexample.com")
    Certificate.objects.filter(pk=certificate.pk).update(owner_role=owner, metadata={"Owner": "blue"})
    return Certificate.objects.get(pk=certificate.pk)


def read(workflow_type: WorkflowType, data: dict[str, Any], **tokens: str) -> Any:
    """What the tokens yield in a script of such a workflow."""
    script = "{" + ", ".join(f'"{name}": {name}' for name in tokens) + "}"
    parameters = {"ScriptParameters": tokens, "ScriptContent": script}
    instance = run_step("SetVariable", parameters, data, workflow_type)
    if instance.status == InstanceStatus.Failed:
        return instance.status_message
    return {name: instance.data[name] for name in tokens}


def test_a_revocation_reads_the_metadata_of_its_certificate(certificate: Certificate) -> None:
    parameters = {"ScriptParameters": {"name": "$(metadata:Owner)"}, "ScriptContent": '{"owner": name}'}
    data = {"CertificateId": certificate.pk}  # enough for the script, not for the revocation behind it
    instance = run_step("SetVariable", parameters, data, WorkflowType.Revocation)
    assert instance.data["owner"] == "blue"


@pytest.mark.parametrize("workflow_type", ABOUT_A_CERTIFICATE)
def test_each_token_is_read_from_the_certificate(
    certificate: Certificate, workflow_type: WorkflowType
) -> None:
    found = read(
        workflow_type,
        {"CertificateId": certificate.pk},
        ca="$(CA)",
        number="$(certid)",
        name="$(cn)",
        subject="$(dn)",
        template="$(Template)",
        print="$(thumbprint)",
        end="$(expdate)",
        begin="$(issuancedate)",
        owner="$(metadata:Owner)",
        mail="$(ownerroleemail)",
    )
    assert found == {
        "ca": str(certificate.authority),
        "number": certificate.pk,
        "name": "appsrvr12.keyexample.com",
        "subject": certificate.issued_dn,
        "template": "WebServer",
        "print": certificate.thumbprint,
        "end": certificate.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "begin": certificate.not_before.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "owner": "blue",
        "mail": "owners@keyexample.com",
    }


@pytest.mark.parametrize("token", ["$(ownerroleemail)", "$(Template)", "$(metadata:Nothing)"])
def test_what_the_certificate_lacks_is_named(certificate: Certificate, token: str) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(owner_role=None, template=None)
    message = read(WorkflowType.Expiration, {"CertificateId": certificate.pk}, value=token)
    assert token in message


@pytest.mark.parametrize("data", [{}, {"CertificateId": 999_999}])
def test_without_the_certificate_there_is_no_value(data: dict[str, Any]) -> None:
    assert "$(cn)" in read(WorkflowType.Expiration, data, value="$(cn)")


def test_data_of_the_same_name_wins(certificate: Certificate) -> None:
    data = {"CertificateId": certificate.pk, "cn": "another"}
    assert read(WorkflowType.Expiration, data, value="$(cn)") == {"value": "another"}


def test_a_store_s_tokens_are_read_from_the_data(certificate: Certificate) -> None:
    data = {
        "CertificateId": certificate.pk,
        "CertificateStoreId": "0b1f6a52-7c3c-4a3e-9a76-2f0a3a7c9e11",
        "ClientMachine": "web1.keyexample.com",
        "Container": "Web servers",
        "StorePath": "/etc/ssl/web",
    }
    found = read(
        WorkflowType.CertificateEnteredStore,
        data,
        store="$(certstoreid)",
        host="$(certstoreclientmachine)",
        container="$(certstorecontainer)",
        path="$(certstorepath)",
    )
    assert list(found.values()) == [
        "0b1f6a52-7c3c-4a3e-9a76-2f0a3a7c9e11",
        "web1.keyexample.com",
        "Web servers",
        "/etc/ssl/web",
    ]
