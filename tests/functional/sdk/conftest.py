"""Administrator and approver with the published client, and a definition that it made."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from command_v11_client import models
from command_v11_client.api.workflow_definition import (
    delete_workflow_definitions_definition_id,
    post_workflow_definitions,
    post_workflow_definitions_definition_id_publish,
    put_workflow_definitions_definition_id,
    put_workflow_definitions_definition_id_steps,
)
from command_v11_client.client import AuthenticatedClient

from tests.functional.cast import PASSWORD, Cast, approval, from_start_to_end
from tests.functional.sdk.clients import client_of, template_id
from tests.product import Product

Create = models.KeyfactorWebKeyfactorApiModelsWorkflowsDefinitionCreateRequest
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
