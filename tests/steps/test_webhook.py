from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests.connectors.servers import HttpServer, Reply, Seen
from tests.steps.running import NAME, problems_of, run_step, runs_of
from workflows.connectors.webhooks import sign
from workflows.engine import documents
from workflows.engine.parameters import SEALED
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def send(site: HttpServer, data: dict[str, Any] | None = None, **parameters: Any) -> Instance:
    base = {"URL": f"http://127.0.0.1:{site.port}/hook", "SigningSecret": {"SecretValue": SECRET}}
    return run_step("Webhook", {**base, **parameters}, data)


def is_genuine(seen: Seen, secret: str = SECRET) -> bool:
    """The receiver's side, as the specification describes it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join(
        [seen.headers["webhook-id"].encode(), seen.headers["webhook-timestamp"].encode(), seen.body]
    )
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{digest}" in seen.headers["webhook-signature"].split(" ")


def test_the_event_arrives_signed(site: HttpServer) -> None:
    site.replies["/hook"] = Reply(204, body=b"")
    data = {"cn": "www", "SANs": ["ä", "b"]}
    instance = send(site, data, EventType="cert.$(cn)", EventData={"names": "$(SANs)", "cn": "is $(cn)"})
    assert instance.status == InstanceStatus.Complete
    seen = site.seen[0]
    assert is_genuine(seen)
    assert not is_genuine(seen, "whsec_" + base64.b64encode(bytes(24)).decode())
    event = json.loads(seen.body)
    assert event["type"] == "cert.www"
    assert event["data"] == {
        "InstanceId": str(instance.guid),
        "WorkflowType": "Expiration",
        "names": ["ä", "b"],
        "cn": "is www",
    }
    assert seen.headers["webhook-id"] == f"msg_{runs_of(instance)[0].idempotency_key}"
    assert seen.headers["webhook-timestamp"].isdecimal()


def test_a_repetition_has_the_same_id(site: HttpServer) -> None:
    site.replies["/hook"] = Reply(503)
    instance = send(site)
    assert instance.status == InstanceStatus.Running
    site.replies["/hook"] = Reply()
    Instance.objects.update(ready_at=timezone.now())
    builders.run_until_quiet()
    assert builders.reload(instance).status == InstanceStatus.Complete
    first, second = site.seen
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert is_genuine(first)
    assert is_genuine(second)


@pytest.mark.parametrize("status", [301, 400, 410])
def test_a_refusal_fails_the_step_or_follows_error(site: HttpServer, status: int) -> None:
    site.replies["/hook"] = Reply(status, {"Location": "/elsewhere"})
    instance = send(site)
    assert instance.status == InstanceStatus.Failed
    assert [run.status for run in runs_of(instance)] == [StepRunStatus.Failed]
    assert len(site.seen) == 1


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "no base64 at all!"])
def test_a_secret_that_is_none_is_refused_when_saved(secret: str) -> None:
    given = {"URL": "https://a.example/", "SigningSecret": {"SecretValue": secret}}
    assert "SigningSecret" in (told := problems_of("Webhook", given))
    assert ("whsec_ and 24 to 64 octets in base64" if secret else "needs the parameter") in told


@pytest.mark.parametrize("url", ["ftp://a.example/", "a.example", "https://", "https://a.example:70000/"])
def test_an_address_that_is_none_is_refused_when_saved(url: str) -> None:
    given = {"URL": url, "SigningSecret": {"SecretValue": SECRET}}
    assert "URL that no request can be sent to" in problems_of("Webhook", given)


def test_null_keeps_the_required_secret_of_before() -> None:
    base = {"URL": "https://a.example/"}
    given = builders.step(
        "Webhook", NAME, ConfigurationParameters={**base, "SigningSecret": {"SecretValue": SECRET}}
    )
    kept = builders.step("Webhook", NAME, ConfigurationParameters={**base, "SigningSecret": None})
    first = documents.prepare(WorkflowType.Expiration, builders.chain(given))
    second = documents.prepare(WorkflowType.Expiration, builders.chain(kept), first)
    assert SEALED in second[1]["ConfigurationParameters"]["SigningSecret"]
    assert first[1]["ConfigurationParameters"] == second[1]["ConfigurationParameters"]
    assert "needs the parameter SigningSecret" in problems_of("Webhook", {**base, "SigningSecret": None})


def test_the_signature_is_that_of_the_published_libraries() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
