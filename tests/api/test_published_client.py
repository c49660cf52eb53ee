"""The published client of the reference, unmodified, uses these resources (contract, section 4)."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from command_v11_client import models
from command_v11_client.api.audit_log import get_audit, get_audit_id_validate
from command_v11_client.api.certificate_authority import get_certificate_authority
from command_v11_client.api.metadata_field import (
    delete_metadata_fields,
    get_metadata_fields,
    get_metadata_fields_name,
    post_metadata_fields,
)
from command_v11_client.api.permissions import get_permissions
from command_v11_client.api.security import get_security_identities, get_security_my, post_security_identities
from command_v11_client.api.security_roles import (
    delete_security_roles_id,
    get_security_roles,
    get_security_roles_id_identities,
    post_security_roles,
    put_security_roles_id_identities,
)
from command_v11_client.api.status import get_status_endpoints
from command_v11_client.api.template import get_templates, get_templates_id
from command_v11_client.client import AuthenticatedClient
from pytest_django.live_server_helper import LiveServer

from tests.api.clients import PASSWORD, person
from tests.world import World
from workflows.models import CertificateAuthority

FieldRequest = models.KeyfactorWebKeyfactorApiModelsMetadataFieldMetadataFieldCreateRequest
IdentityRequest = models.KeyfactorWebKeyfactorApiModelsSecuritySecurityIdentitiesSecurityIdentityRequest
MembersRequest = models.KeyfactorWebKeyfactorApiModelsSecurityLegacySecurityRolesRoleIdentitiesRequest
RoleRequest = models.KeyfactorWebKeyfactorApiModelsSecurityLegacySecurityRolesSecurityRoleCreationRequest


@pytest.fixture
def client(live_server: LiveServer) -> Iterator[AuthenticatedClient]:
    person("ada", "/")
    client = AuthenticatedClient(
        f"{live_server.url}/KeyfactorAPI",
        base64.b64encode(f"COUNTERSIGN\\ada:{PASSWORD}".encode()).decode(),
        "Basic",
        raise_on_unexpected_status=True,
    )
    with client:
        yield client


def test_roles_and_identities(client: AuthenticatedClient) -> None:
    made = post_security_identities.sync(client=client, json_body=IdentityRequest("COUNTERSIGN\\bob"))
    role = post_security_roles.sync(
        client=client, json_body=RoleRequest("Readers", "May read", permissions=["Auditing:Read"])
    )
    assert (role.name, role.permissions, role.enabled) == ("Readers", ["/auditing/read/"], True)
    members = put_security_roles_id_identities.sync(
        role.id, client=client, json_body=MembersRequest(ids=[made.id])
    )
    assert [member.name for member in members] == ["COUNTERSIGN\\bob"]
    assert get_security_roles_id_identities.sync(role.id, client=client) == members
    (listed,) = get_security_roles.sync(client=client, query_string='Name -eq "Readers"')
    assert listed.identities[0].account_name == "COUNTERSIGN\\bob"
    assert len(get_security_identities.sync(client=client)) == 2
    assert delete_security_roles_id.sync_detailed(role.id, client=client).status_code == 204
    assert get_security_my.sync(client=client).roles == ["role of ada"]


def test_metadata_fields(client: AuthenticatedClient) -> None:
    body = FieldRequest("Owner", "Who owns it", models.CSSCMSCoreEnumsMetadataDataType(1))
    made = post_metadata_fields.sync(client=client, json_body=body)
    assert get_metadata_fields_name.sync("Owner", client=client).id == made.id
    assert [field.name for field in get_metadata_fields.sync(client=client)] == ["Owner"]
    assert delete_metadata_fields.sync_detailed(client=client, json_body=[made.id]).status_code == 204


def test_templates_and_authorities(client: AuthenticatedClient, world: World) -> None:
    listed = get_templates.sync(client=client, sort_field="CommonName")
    assert [each.common_name for each in listed] == ["CodeSigning", "WebServer", "WebServerPfx"]
    shown = get_templates_id.sync(listed[1].id, client=client)
    assert shown.template_regexes[0].subject_part == "CN"
    CertificateAuthority.objects.update(allowed_enrollment_types=2)  # it cannot read 3 (contract, 1.3)
    assert len(get_certificate_authority.sync(client=client)) == 2


def test_the_rest(client: AuthenticatedClient) -> None:
    assert "/auditing/read/" in get_permissions.sync(client=client)
    assert "GET /Templates" in get_status_endpoints.sync(client=client)
    post_security_identities.sync(client=client, json_body=IdentityRequest("bob"))
    (entry,) = get_audit.sync(client=client, query_string="Category -eq 2010")
    assert entry.audit_identifier == "COUNTERSIGN\\bob"
    assert get_audit_id_validate.sync(entry.id, client=client) is True
