"""The published client, logged in; and what each of its tests asks of it."""

from __future__ import annotations

import base64
from typing import Any

from command_v11_client import models
from command_v11_client.api.enrollment import post_enrollment_csr
from command_v11_client.api.workflow_instance import get_workflow_instances_instance_id
from command_v11_client.client import AuthenticatedClient
from command_v11_client.models import KeyfactorWorkflowsWorkflowInstanceStatus as Status

from config.supervisor.children import wait_until
from tests.functional import openssl
from tests.functional.cast import Cast
from tests.product import Product

CsrRequest = models.CSSCMSDataModelModelsEnrollmentCSREnrollmentRequest
Signal = models.KeyfactorWebKeyfactorApiModelsWorkflowsSignalRequest

RUNNING, SUSPENDED, COMPLETE = Status(1), Status(2), Status(4)
REJECTED, CANCELED = Status(5), Status(6)


def client_of(product: Product, username: str, password: str) -> AuthenticatedClient:
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    url = f"{product.url}/KeyfactorAPI"
    settings: dict[str, Any] = {"raise_on_unexpected_status": True, "httpx_args": {"trust_env": False}}
    return AuthenticatedClient(url, token, "Basic", **settings)


def template_id(cast: Cast, name: str) -> str:
    return str(cast.get(f"Templates?QueryString=CommonName -eq {name}")[0]["Id"])


def enroll(requester: AuthenticatedClient) -> Any:
    csr = openssl.signing_request("Key Example builds")
    body = CsrRequest(csr=csr, template="CodeSigning", include_chain=False)
    return post_enrollment_csr.sync(client=requester, json_body=body).certificate_information


def decision(approved: bool, comment: str = "") -> Signal:
    data = {"Approved": str(approved), "Comment": comment}
    return Signal.from_dict({"SignalKey": "Approve.ApprovalStatus", "Data": data})


def instance(client: AuthenticatedClient, guid: str) -> Any:
    return get_workflow_instances_instance_id.sync(guid, client=client)


def reaches(client: AuthenticatedClient, guid: str, status: Status) -> bool:
    return wait_until(lambda: instance(client, guid).status is status, 60, pause=0.1)
