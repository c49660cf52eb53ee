"""What the demonstration does not have and pages can show, made over the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx2
import psycopg

from tests.browser.documented import chained
from tests.browser.openssl import any_request
from tests.functional.cast import Cast, approval, from_start_to_end
from tests.product import Product

APPROVERS = "Code Signing Approvers"
HOSTILE = "القاضي 🦄 <b>Ünïcödé"


class Props:
    """Once for an installation; `put_up` says where everything is."""

    def __init__(self, product: Product, admin: httpx2.Client, requester: httpx2.Client) -> None:
        self.product, self.cast, self.requester = product, Cast(product, admin), requester

    def put_up(self) -> dict[str, object]:
        """Ids, by the names that the paths of visits have for them."""
        return {
            **self._security(),
            **self._administration(),
            **self._definitions(),
            **self._requests(),
        }

    def found(self, resource: str, query: str) -> Any:
        return self.cast.get(f"{resource}?IncludeRevoked=true&QueryString={quote(query)}")[0]

    def instance(self, name: str) -> str:
        """The enrollment for the name, or what it was restarted as."""
        title = f"enrolling for a certificate with CN={name}"
        query = f'Title -contains "{title}" AND Status -ne "CanceledForRestart"'
        return str(self.found("Workflow/Instances", query)["Id"])

    def _security(self) -> dict[str, object]:
        account = {"AccountName": "inventory", "FullName": "Inventory service", "IsService": True}
        service = self.cast.post("Security/Users", account)["Id"]
        token = self.cast.post("Security/Tokens", {"Name": "nightly job", "UserId": service})
        role = {
            "Name": "Approvers",
            "Description": "Of examples",
            "Identities": [{"AccountName": "approver1"}],
        }
        self.cast.post("Security/Roles", role)
        return {"user": service, "token": token["Id"], "role": self._role(APPROVERS)}

    def _approved_by(self, count: int) -> list[dict[str, Any]]:
        step = approval(self._role(APPROVERS), count, "RequireApproval1")
        return from_start_to_end({**step, "DisplayName": "Approve in time"})

    def _role(self, name: str) -> int:
        return int(self.found("Security/Roles", f'Name -eq "{name}"')["Id"])

    def _administration(self) -> dict[str, object]:
        field = {"Name": "Owner", "Description": "Whom to ask", "DataType": 1, "Hint": "a team"}
        kind = {
            "Name": "Stage",
            "Description": "Where it is used",
            "DataType": 5,
            "Options": "Test,Production",
        }
        script = {"Name": "Tell the inventory", "Contents": "param($Name)\nreturn @{ Told = $Name }"}
        hook = {
            "Name": "Inventory",
            "URL": "http://127.0.0.1:9/hook",  # nobody is there, so its messages fail
            "Secret": {"SecretValue": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
            "Changes": [2, 3, 4, 5, 6],
        }
        self.cast.post("MetadataFields", kind)
        self.cast.post("Workflow/Subscriptions", {**hook, "Name": "Chat, switched off", "Enabled": False})
        return {
            "field": self.cast.post("MetadataFields", field)["Id"],
            "script": self.cast.post("Extensions/Scripts", {**script, "Categories": [6]})["Id"],
            "hook": self.cast.post("Workflow/Subscriptions", hook)["Id"],
            "template": self._template("CodeSigning"),
        }

    def _template(self, name: str) -> int:
        return int(self.found("Templates", f'CommonName -eq "{name}"')["Id"])

    def _definitions(self) -> dict[str, object]:
        """A published one with a second version, a disabled one, and drafts with a step of every type."""
        signing = self.found("Workflow/Definitions", 'DisplayName -contains "two approvals"')["Id"]
        steps = self._approved_by(2)
        self.cast.put(f"Workflow/Definitions/{signing}/Steps", steps)
        self.cast.post(f"Workflow/Definitions/{signing}/Publish")
        drafts = {"Expiration": self._draft("Expiration", chained("Expiration"))}
        for each in ("Enrollment", "Revocation"):
            drafts[each] = self._draft(each, chained(each, drafts["Expiration"]))
        disabled = self._draft("Revocation", chained("Revocation"), name="Switched off", Enabled=False)
        return {"signing": signing, "disabled": disabled, **drafts}

    def _draft(
        self, workflow_type: str, steps: list[dict[str, Any]], *, name: str = "Every step", **fields: Any
    ) -> str:
        body = {"DisplayName": f"{name}: {workflow_type}", "WorkflowType": workflow_type, **fields}
        made = self.cast.post("Workflow/Definitions", body)["Id"]
        self.cast.put(f"Workflow/Definitions/{made}/Steps", steps)
        return str(made)

    def _requests(self) -> dict[str, object]:
        """A renewal and a revocation that wait, a fetched key, and a title that no list has room for."""
        signed = self.found("Certificates", 'IssuedCN -eq "Driver team"')["Id"]
        self._enroll("Drivers and firmware", RenewalCertificateId=signed)
        self._enroll(HOSTILE)
        self._forget("Old archive")
        hostile = self.instance(HOSTILE)
        self._lengthen(hostile)
        pfx = {"Template": "WebServerPfx", "Subject": "CN=pfx.keyexample.com", "Password": "a pass phrase"}
        self._ask("Enrollment/PFX", pfx | {"SANs": {"DNS": ["pfx.keyexample.com"]}})
        return {
            "revoking": self._revocation(signed),
            "hostile": hostile,
            "valid": self._certificate("appsrvr14"),
            "revoked": self._certificate("appsrvr12"),
            "fetched": self._certificate("pfx"),
        }

    def _certificate(self, name: str) -> int:
        return int(self.found("Certificates", f'IssuedCN -startswith "{name}"')["Id"])

    def _enroll(self, name: str, **fields: Any) -> None:
        self._ask("Enrollment/CSR", {"Template": "CodeSigning", "CSR": any_request(name), **fields})

    def _ask(self, path: str, body: dict[str, Any]) -> None:
        answer = self.requester.post(f"/api/{path}", json=body)
        assert answer.is_success, answer.text

    def _revocation(self, certificate: int) -> str:
        """Somebody must agree to it; the instance."""
        steps = self._approved_by(1)
        key = str(self._template("CodeSigning"))
        guid = self._draft("Revocation", steps, name="One approval", Key=key)
        self.cast.post(f"Workflow/Definitions/{guid}/Publish")
        body = {"CertificateIds": [certificate], "Reason": 1, "Comment": "The laptop was stolen."}
        self.cast.administrator.post("/api/Certificates/Revoke", json=body).raise_for_status()
        query = 'WorkflowType -eq "Revocation" AND Status -eq "Suspended"'
        return str(self.found("Workflow/Instances", query)["Id"])

    def _forget(self, name: str) -> None:
        """A request that was stopped more than a year ago."""
        self._enroll(name)
        guid = self.instance(name)
        self.cast.administrator.post(f"/api/Workflow/Instances/{guid}/Stop").raise_for_status()
        ago = "now() - interval '400 days'"
        statement = f"UPDATE workflows_instance SET started_at = {ago}, modified_at = {ago} WHERE guid = %s"
        with psycopg.connect(self.product.database_url) as connection:
            connection.execute(statement, [guid])

    def _lengthen(self, guid: str) -> None:
        """No certificate holds so much; a definition could."""
        rows = "instance_id = (SELECT id FROM workflows_instance WHERE guid = %s)"
        statement = f"UPDATE workflows_instancerecord SET title = %s WHERE {rows}"
        with psycopg.connect(self.product.database_url) as connection:
            connection.execute(statement, [f"{HOSTILE} " * 170, guid])
