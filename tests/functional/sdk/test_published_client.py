"""The published client of the reference (version 11), unmodified, drives workflows from end to end."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from command_v11_client import models
from command_v11_client.api.certificate import (
    get_certificates,
    get_certificates_id,
    get_certificates_id_history,
    post_certificates_download,
    post_certificates_revoke,
)
from command_v11_client.api.enrollment import (
    get_enrollment_csr_context_my,
    get_enrollment_settings_id,
    post_enrollment_csr,
    post_enrollment_csr_parse,
    post_enrollment_pfx,
)
from command_v11_client.api.workflow_definition import (
    delete_workflow_definitions_definition_id,
    get_workflow_definitions,
    get_workflow_definitions_definition_id,
    get_workflow_definitions_steps,
    get_workflow_definitions_steps_extension_name,
    get_workflow_definitions_types,
    post_workflow_definitions,
    post_workflow_definitions_definition_id_publish,
    put_workflow_definitions_definition_id,
    put_workflow_definitions_definition_id_steps,
)
from command_v11_client.api.workflow_instance import (
    delete_workflow_instances_instance_id,
    get_workflow_instances,
    get_workflow_instances_assigned_to_me,
    get_workflow_instances_instance_id,
    get_workflow_instances_my,
    post_workflow_instances_instance_id_restart,
    post_workflow_instances_instance_id_signals,
    post_workflow_instances_instance_id_stop,
)
from command_v11_client.client import AuthenticatedClient
from command_v11_client.models import KeyfactorWorkflowsWorkflowInstanceStatus as Status
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from config.supervisor.children import wait_until
from tests.functional import openssl
from tests.functional.cast import PASSWORD, Cast, approval, from_start_to_end
from tests.product import Product

Create = models.KeyfactorWebKeyfactorApiModelsWorkflowsDefinitionCreateRequest
CsrRequest = models.CSSCMSDataModelModelsEnrollmentCSREnrollmentRequest
DownloadRequest = models.KeyfactorWebKeyfactorApiModelsCertificatesCertificateDownloadRequest
PfxRequest = models.CSSCMSDataModelModelsEnrollmentPFXEnrollmentRequest
RecoveryRequest = models.KeyfactorWebKeyfactorApiModelsCertificatesCertificateRecoveryRequest
RevokeRequest = models.CSSCMSDataModelModelsRevokeCertificateRequest
Signal = models.KeyfactorWebKeyfactorApiModelsWorkflowsSignalRequest
Step = models.KeyfactorWebKeyfactorApiModelsWorkflowsDefinitionStepRequest
Update = models.KeyfactorWebKeyfactorApiModelsWorkflowsDefinitionUpdateRequest


@pytest.fixture
def administrator_client(live_product: Product) -> Iterator[AuthenticatedClient]:
    with client_of(live_product, live_product.username, live_product.password) as client:
        yield client


@pytest.fixture
def approver(cast: Cast) -> Iterator[AuthenticatedClient]:
    cast.person("approver", "/workflows/instances/read/pending/")
    with client_of(cast.product, cast.account("approver"), PASSWORD) as client:
        yield client


def client_of(product: Product, username: str, password: str) -> AuthenticatedClient:
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    url = f"{product.url}/KeyfactorAPI"
    settings: dict[str, Any] = {"raise_on_unexpected_status": True, "httpx_args": {"trust_env": False}}
    return AuthenticatedClient(url, token, "Basic", **settings)


def template_id(cast: Cast, name: str) -> str:
    return str(cast.get(f"Templates?QueryString=CommonName -eq {name}")[0]["Id"])


@pytest.fixture
def definition(cast: Cast, administrator_client: AuthenticatedClient) -> Iterator[Any]:
    """Made, given its steps, renamed and published by the client; deleted by it in the end."""
    client = administrator_client
    role = cast.role("approvers", "approver")
    body = Create(
        display_name=f"Client {secrets.token_hex(3)}",
        description="By the published client",
        key=template_id(cast, "CodeSigning"),
        workflow_type="Enrollment",
    )
    made = post_workflow_definitions.sync(client=client, json_body=body)
    assert (made.is_published, made.draft_version, made.steps) == (False, 1, [])
    steps = [Step.from_dict(each) for each in from_start_to_end(approval(role, 1))]
    saved = put_workflow_definitions_definition_id_steps.sync(made.id, client=client, json_body=steps)
    parameters = saved.steps[1].configuration_parameters.additional_properties
    assert (saved.steps[1].signals[0].role_ids, parameters) == ([role], {"minimumApprovals": 1})
    update = Update(display_name=made.display_name, description="Renamed")
    put_workflow_definitions_definition_id.sync(made.id, client=client, json_body=update)
    published = post_workflow_definitions_definition_id_publish.sync(made.id, client=client)
    assert (published.published_version, published.description) == (1, "Renamed")
    yield published
    done = delete_workflow_definitions_definition_id.sync_detailed(made.id, client=client)
    assert done.status_code == 204


def enroll(cast: Cast, requester: AuthenticatedClient) -> Any:
    csr = openssl.signing_request("Key Example builds")
    body = CsrRequest(csr=csr, template="CodeSigning", include_chain=False)
    return post_enrollment_csr.sync(client=requester, json_body=body).certificate_information


def instance(client: AuthenticatedClient, guid: str) -> Any:
    return get_workflow_instances_instance_id.sync(guid, client=client)


def reaches(client: AuthenticatedClient, guid: str, status: Status) -> bool:
    return wait_until(lambda: instance(client, guid).status is status, 60, pause=0.1)


RUNNING, SUSPENDED, COMPLETE = Status(1), Status(2), Status(4)
REJECTED, CANCELED = Status(5), Status(6)


def test_the_client_drives_a_workflow(
    cast: Cast, approver: AuthenticatedClient, administrator_client: AuthenticatedClient, definition: Any
) -> None:
    client = administrator_client
    first, second = (enroll(cast, client) for _ in range(2))
    assert first.request_disposition == "PENDING"
    guid = first.workflow_instance_id
    waiting = instance(client, guid)
    assert (waiting.status, waiting.reference_id) == (SUSPENDED, first.workflow_reference_id)
    assert (waiting.definition.id, waiting.definition.version) == (definition.id, 1)
    assert waiting.initial_data["template"] == "CodeSigning"
    assert [each.signal_received for each in waiting.signals] == [False]

    assigned = get_workflow_instances_assigned_to_me.sync(client=approver)
    assert {each.id for each in assigned} == {guid, second.workflow_instance_id}
    body = Signal.from_dict(
        {"SignalKey": "Approve.ApprovalStatus", "Data": {"Approved": "True", "Comment": "By the client"}}
    )
    signalled = post_workflow_instances_instance_id_signals.sync_detailed(
        guid, client=approver, json_body=body
    )
    assert signalled.status_code == 204
    assert reaches(client, guid, COMPLETE)
    assert instance(client, guid).current_state_data["approvalsignalcmnts"] == "By the client"

    guid = second.workflow_instance_id
    assert post_workflow_instances_instance_id_restart.sync_detailed(guid, client=client).status_code == 204
    assert reaches(client, guid, CANCELED)
    mine = get_workflow_instances_my.sync(
        client=client, query_string="Status -eq 2", sort_field="ReferenceId"
    )
    restarted = mine[-1].id
    assert reaches(client, restarted, SUSPENDED)
    assert post_workflow_instances_instance_id_stop.sync_detailed(restarted, client=client).status_code == 204
    assert reaches(client, restarted, REJECTED)
    assert delete_workflow_instances_instance_id.sync_detailed(restarted, client=client).status_code == 204
    query = f'DefinitionId -eq "{definition.id}"'
    left = get_workflow_instances.sync(client=client, query_string=query, sort_field="ReferenceId")
    assert [each.status for each in left] == [COMPLETE, CANCELED]


def test_the_client_reads_definitions_and_their_catalogue(
    approver: AuthenticatedClient, administrator_client: AuthenticatedClient, definition: Any
) -> None:
    client = administrator_client
    listed = get_workflow_definitions.sync(client=client, query_string=f'Id -eq "{definition.id}"')
    assert [(each.display_name, each.published_version) for each in listed] == [(definition.display_name, 1)]
    assert get_workflow_definitions_definition_id.sync(definition.id, client=client) == definition
    types = get_workflow_definitions_types.sync(client=client)
    assert [each.workflow_type for each in types if each.built_in_steps] == ["Enrollment", "Revocation"]
    extensions = {each.extension_name for each in get_workflow_definitions_steps.sync(client=client)}
    assert {"EnrollStep", "NOOPStep", "RequireApproval"} <= extensions
    step = get_workflow_definitions_steps_extension_name.sync("RequireApproval", client=client)
    minimum = step.configuration_parameters_definition["minimumApprovals"]
    assert (minimum.required, minimum.default_value, minimum.parameter_type.value) == (False, "1", 1)


def test_the_client_enrolls_downloads_and_revokes(
    cast: Cast, administrator_client: AuthenticatedClient
) -> None:
    client = administrator_client
    csr = openssl.signing_request("shop.keyexample.com", "shop.keyexample.com")
    parts = post_enrollment_csr_parse.sync(
        client=client, json_body=models.CSSCMSDataModelModelsCSRContents(csr)
    )
    assert parts[:2] == ["CN=shop.keyexample.com", "DNS Name=shop.keyexample.com"]
    body = CsrRequest(csr=csr, template="WebServer", include_chain=True)
    issued = post_enrollment_csr.sync(client=client, json_body=body).certificate_information
    assert (issued.request_disposition, len(issued.certificates)) == ("ISSUED", 3)
    query = f"CertRequestId -eq {issued.keyfactor_request_id}"
    (found,) = get_certificates.sync(client=client, query_string=query)
    leaf = x509.load_pem_x509_certificate(issued.certificates[0].encode())
    assert (int(found.serial_number, 16), found.cert_state.value) == (leaf.serial_number, 1)
    file = post_certificates_download.sync(client=client, json_body=DownloadRequest(cert_id=found.id))
    assert x509.load_pem_x509_certificate(base64.b64decode(file.content)) == leaf

    reason = models.KeyfactorPKIEnumsRevokeCode(4)
    revocation = RevokeRequest(certificate_ids=[found.id], reason=reason, comment="By the client")
    revoked = post_certificates_revoke.sync(client=client, json_body=revocation)
    assert (revoked.revoked_ids, revoked.suspended_certs) == ([found.id], [])
    after = get_certificates_id.sync(found.id, client=client)
    assert (after.cert_state.value, after.revocation_reason.value) == (2, 4)
    assert len(get_certificates_id_history.sync(found.id, client=client)) == 2
    assert get_certificates.sync(client=client, query_string=query) == []


def test_the_client_has_a_key_made(cast: Cast, administrator_client: AuthenticatedClient) -> None:
    client = administrator_client
    body = PfxRequest(subject="CN=mail.keyexample.com", template="WebServerPfx", password="of the file")
    issued = post_enrollment_pfx.sync(client=client, json_body=body).certificate_information
    store = pkcs12.load_pkcs12(base64.b64decode(issued.pkcs_12_blob), b"of the file")
    assert store.cert is not None
    again = httpx2.post(
        f"{cast.product.url}/KeyfactorAPI/Certificates/Recover",
        json=RecoveryRequest(password="of the file", cert_id=issued.keyfactor_id).to_dict(),
        auth=(cast.product.username, cast.product.password),
        trust_env=False,
    )
    assert again.status_code == 409
    offered = get_enrollment_csr_context_my.sync(client=client).templates
    assert {"CodeSigning", "WebServer"} <= {each.name for each in offered}
    settings = get_enrollment_settings_id.sync(int(template_id(cast, "WebServer")), client=client)
    assert settings.template_regexes[0].subject_part == "CN"
