"""A definition with a secret wherever one fits: saved, read, exported, refused, published."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

from tests.connectors.servers import Reply
from tests.functional.canary.people import APPROVER
from tests.functional.canary.play import Play

Step = dict[str, Any]


def play(this: Play) -> str:
    """Binds the template `WebServerPfx`; returns the path of the definition."""
    key = str(this.find("Templates", "CommonName", "WebServerPfx")["Id"])
    body = {"DisplayName": "Canary", "WorkflowType": "Enrollment", "Key": key}
    path = f"Workflow/Definitions/{this.call('admin', 'POST', 'Workflow/Definitions', body)['Id']}"
    this.call("admin", "PUT", f"{path}/Steps", _steps(this))
    for version in ("1", "2"):
        for query in ("", "?exportable=true"):
            this.call("admin", "GET", path + query, **{"x-keyfactor-api-version": version})
    bare = {"BasicPassword": this.marks.new("secret without its form")}
    this.call("admin", "PUT", f"{path}/Steps", _chain(_step("RESTRequest", "Call", **bare)), status=400)
    this.call("admin", "POST", f"{path}/Publish")
    return path


def _steps(this: Play) -> list[Step]:
    """Calls that succeed, one that is refused, a script, a mail, an approval."""
    role = this.find("Security/Roles", "Name", APPROVER)["Id"]
    url = f"http://127.0.0.1:{this.site.port}"
    basic = {"UseBasicAuth": True, "BasicUsername": "canary"}
    this.site.replies["/owner"] = _json({"name": "ann"})
    return _chain(
        _step(
            "RESTRequest", "Call", URL=f"{url}/owner", DataBucketProperty="Owner",
            BasicPassword=_secret(this, "Basic password"), **basic,
        ),
        _step(
            "RESTRequest", "Refused", URL=f"{url}/nothing", FailOnStatus=False,
            BasicPassword=_secret(this, "refused Basic password"), **basic,
        ),
        _step("OAuthRESTRequest", "Ask", URL=f"{url}/owner", DataBucketProperty="Asked", **_oauth(this, url)),
        _step("Webhook", "Tell", URL=f"{url}/owner", SigningSecret=_webhook_key(this)),
        _step("SetVariable", "Set", ScriptParameters={"dn": "$(Subject)"}, ScriptContent='{"Seen": dn}'),
        _step(
            "Email", "Mail", Subject="About $(cn)", Message="<p>$(Owner.name) asks.</p>",
            Recipients=["role:canary-approver"],
        ),
        _step("RequireApproval", "Approve")
        | {"Signals": [{"SignalName": "ApprovalStatus", "RoleIds": [role]}]},
    )  # fmt: skip


def _secret(this: Play, name: str) -> dict[str, str]:
    return {"SecretValue": this.marks.new(name)}


def _oauth(this: Play, url: str) -> dict[str, Any]:
    endpoint = f"/{this.marks.new('token endpoint')}"
    token = {"access_token": this.marks.new("access token"), "token_type": "Bearer", "expires_in": 3600}
    this.site.replies[endpoint] = _json(token)
    return {
        "client_id": "canary",
        "client_secret": _secret(this, "client secret"),
        "TokenEndpoint": {"SecretValue": url + endpoint},
    }


def _webhook_key(this: Play) -> dict[str, str]:
    key = this.marks.new("webhook key")
    return {"SecretValue": f"whsec_{base64.b64encode(key.encode()).decode()}"}


def _json(content: dict[str, Any]) -> Reply:
    return Reply(headers={"Content-Type": "application/json"}, body=json.dumps(content).encode())


def _step(extension: str, name: str, **parameters: Any) -> Step:
    return {"ExtensionName": extension, "UniqueName": name, "ConfigurationParameters": parameters}


def _chain(*middle: Step) -> list[Step]:
    steps = [_step("NOOPStep", "StartNOOP"), *middle, _step("NOOPStep", "EndNOOP")]
    for first, second in pairwise(steps):
        first["Outputs"] = {"continue": second["UniqueName"]}
    return steps
