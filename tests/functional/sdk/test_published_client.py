"""The published client of the reference (version 11), unmodified, drives workflows from end to end."""

from __future__ import annotations

import base64
import hashlib
from importlib import metadata
from typing import Any

import httpx2
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
    get_workflow_definitions,
    get_workflow_definitions_definition_id,
    get_workflow_definitions_steps,
    get_workflow_definitions_steps_extension_name,
    get_workflow_definitions_types,
)
from command_v11_client.api.workflow_instance import (
    delete_workflow_instances_instance_id,
    get_workflow_instances,
    get_workflow_instances_assigned_to_me,
    get_workflow_instances_my,
    post_workflow_instances_instance_id_restart,
    post_workflow_instances_instance_id_signals,
    post_workflow_instances_instance_id_stop,
)
from command_v11_client.client import AuthenticatedClient
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.functional import openssl
from tests.functional.cast import Cast
from tests.functional.sdk.clients import (
    CANCELED,
    COMPLETE,
    REJECTED,
    SUSPENDED,
    CsrRequest,
    decision,
    enroll,
    instance,
    reaches,
    template_id,
)

DownloadRequest = models.KeyfactorWebKeyfactorApiModelsCertificatesCertificateDownloadRequest
PfxRequest = models.CSSCMSDataModelModelsEnrollmentPFXEnrollmentRequest
RecoveryRequest = models.KeyfactorWebKeyfactorApiModelsCertificatesCertificateRecoveryRequest
RevokeRequest = models.CSSCMSDataModelModelsRevokeCertificateRequest


def test_the_client_is_as_its_package_brought_it() -> None:
    """Each file has the digest that the wheel's own record names."""
    files = metadata.files("keyfactor-command-sdk") or []
    modules = [each for each in files if each.suffix == ".py"]
    assert len(modules) > 500
    for each in modules:
        assert each.hash is not None
        digest = hashlib.new(each.hash.mode, each.read_binary()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == each.hash.value, each


def test_the_client_drives_a_workflow(
    cast: Cast, approver: AuthenticatedClient, administrator_client: AuthenticatedClient, definition: Any
) -> None:
    client = administrator_client
    first, second = (enroll(client) for _ in range(2))
    assert first.request_disposition == "PENDING"
    guid = first.workflow_instance_id
    waiting = instance(client, guid)
    assert (waiting.status, waiting.reference_id) == (SUSPENDED, first.workflow_reference_id)
    assert (waiting.definition.id, waiting.definition.version) == (definition.id, 1)
    assert waiting.initial_data["template"] == "CodeSigning"
    assert [each.signal_received for each in waiting.signals] == [False]

    assigned = get_workflow_instances_assigned_to_me.sync(client=approver)
    assert {each.id for each in assigned} == {guid, second.workflow_instance_id}
    signalled = post_workflow_instances_instance_id_signals.sync_detailed(
        guid, client=approver, json_body=decision(approved=True, comment="By the client")
    )
    assert signalled.status_code == 204
    assert reaches(client, guid, COMPLETE)
    assert instance(client, guid).current_state_data["approvalsignalcmnts"] == "By the client"

    guid = second.workflow_instance_id
    assert post_workflow_instances_instance_id_restart.sync_detailed(guid, client=client).status_code == 204
    assert reaches(client, guid, CANCELED)
    mine = get_workflow_instances_my.sync(
        client=client, query_string="Status -eq 1 OR Status -eq 2", sort_field="ReferenceId"
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
