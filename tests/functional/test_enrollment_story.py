"""The main story: request, two approvals, certificate, revocation, and what OpenSSL says of it."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from config.supervisor.children import wait_until
from tests.functional import openssl
from tests.functional.cast import Cast, approval, decision, from_start_to_end


def fetched(cast: Cast, *names: str) -> list[bytes]:
    return [httpx2.get(f"{cast.product.url}/pki/{name}", trust_env=False).content for name in names]


def is_revoked(cast: Cast, certificate: x509.Certificate) -> bool:
    crl = x509.load_der_x509_crl(httpx2.get(openssl.crl_url(certificate), trust_env=False).content)
    return crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None


def test_from_a_request_to_a_certificate_and_its_revocation(cast: Cast, tmp_path: Path) -> None:
    requester = cast.person("requester", "/certificates/enrollment/csr/", "/workflows/instances/read/mine/")
    approvers = [cast.person(name) for name in ("alice", "bob")]
    pending = ["/workflows/instances/read/pending/"]
    role = cast.role("approvers", "alice", "bob", permissions=pending)
    steps = from_start_to_end(approval(role, 2))
    with cast.definition("Enrollment", "CodeSigning", steps):
        body = {"CSR": openssl.signing_request("Key Example builds"), "Template": "CodeSigning"}
        asked = requester.post("/api/Enrollment/CSR", json=body).json()["CertificateInformation"]
        assert (asked["RequestDisposition"], asked["Certificates"]) == ("PENDING", None)
        assert asked["DispositionMessage"] == "Awaiting 2 more approval(s) from approval roles."
        instance = asked["WorkflowInstanceId"]
        for approver in approvers:
            waiting = approver.get("/api/Workflow/Instances/AssignedToMe").json()
            assert [each["Id"] for each in waiting] == [instance]
            signal = decision(approved=True, comment="Checked")
            assert (
                approver.post(f"/api/Workflow/Instances/{instance}/Signals", json=signal).status_code == 204
            )
        done = cast.settled(instance, "Complete")
    assert done["StatusMessage"] == "Issued"
    assert done["CurrentStateData"]["approvalsignalcmnts"] == "Checked\nChecked"

    number = done["CurrentStateData"]["KeyfactorId"]
    found = requester.get(f"/api/Certificates?QueryString=CertRequestId -eq {asked['KeyfactorRequestId']}")
    assert [each["Id"] for each in found.json()] == [number]
    file = requester.post("/api/Certificates/Download", json={"CertID": number}).json()
    pem = base64.b64decode(file["Content"])
    leaf = x509.load_pem_x509_certificate(pem)
    chain = [
        x509.load_der_x509_certificate(each) for each in fetched(cast, "issuing-ca-1.cer", "root-ca.cer")
    ]
    chain_pem = [each.public_bytes(openssl.Encoding.PEM) for each in chain]
    crls = fetched(cast, "issuing-ca-1.crl", "root-ca.crl")
    accepted = openssl.verify(tmp_path, pem, chain_pem, crls)
    assert (accepted.returncode, accepted.stdout) == (0, "leaf.pem: OK\n"), accepted.stderr

    revoker = cast.person("revoker", "/certificates/collections/revoke/")
    request = {"CertificateIds": [number], "Reason": "KeyCompromise", "Comment": "The laptop was stolen"}
    revoked = revoker.post("/api/Certificates/Revoke", json=request).json()
    assert revoked == {"RevokedIds": [number], "SuspendedCerts": []}
    assert wait_until(lambda: is_revoked(cast, leaf), 60, pause=0.5)
    refused = openssl.verify(tmp_path, pem, chain_pem, fetched(cast, "issuing-ca-1.crl", "root-ca.crl"))
    assert refused.returncode != 0
    assert "certificate revoked" in refused.stderr


def test_a_key_made_here_is_handed_out_with_its_certificate(cast: Cast) -> None:
    requester = cast.person("requester", "/certificates/enrollment/pfx/")
    body = {
        "Subject": "CN=appsrvr14.keyexample.com",
        "SANs": {"dns": ["appsrvr14.keyexample.com"]},
        "Template": "WebServerPfx",
        "Password": "of the file",
        "IncludeChain": True,
    }
    found = requester.post("/KeyfactorAPI/Enrollment/PFX", json=body).json()["CertificateInformation"]
    assert found["RequestDisposition"] == "ISSUED"
    store = pkcs12.load_pkcs12(base64.b64decode(found["Pkcs12Blob"]), b"of the file")
    assert store.cert is not None
    assert store.cert.certificate.serial_number == int(found["SerialNumber"], 16)
    again = requester.post(
        "/KeyfactorAPI/Certificates/Recover", json={"CertID": found["KeyfactorId"], "Password": "x"}
    )
    assert again.status_code == 409


def test_a_denial_ends_it_and_names_who_denied(cast: Cast) -> None:
    requester = cast.person("requester", "/certificates/enrollment/csr/")
    approver = cast.person("alice")
    steps = from_start_to_end(approval(cast.role("approvers", "alice"), 1))
    with cast.definition("Enrollment", "CodeSigning", steps):
        body = {"CSR": openssl.signing_request("Key Example builds"), "Template": "CodeSigning"}
        asked = requester.post("/api/Enrollment/CSR", json=body).json()["CertificateInformation"]
        path = f"/api/Workflow/Instances/{asked['WorkflowInstanceId']}"
        assert approver.post(f"{path}/Signals", json=decision(approved=False)).status_code == 204
        rejected = cast.settled(asked["WorkflowInstanceId"], "Rejected")
        assert rejected["StatusMessage"].startswith("Workflow rejected by user with Id ")
        late = approver.post(f"{path}/Signals", json=decision(approved=True))
        assert late.status_code == 409
        restarted = cast.administrator.post(f"{path}/Restart")
        assert restarted.status_code == 409
