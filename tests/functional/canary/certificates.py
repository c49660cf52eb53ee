"""Certificates whose keys are made here, and what their requesters' passwords open."""

from __future__ import annotations

import base64
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

from config.supervisor.children import wait_until
from tests.functional.canary.people import APPROVER, REQUESTER
from tests.functional.canary.play import COMMON_NAME, Play


def play(this: Play, definition: str) -> None:
    _approved_and_picked_up(this)
    this.call("admin", "DELETE", definition, status=204)
    _had_at_once(this)
    certificate = _retained(this)
    _by_csr(this)
    order = {"CertificateIds": [certificate], "Reason": "Superseded", "Comment": "The canary is silent"}
    this.call("admin", "POST", "Certificates/Revoke", order)


def _approved_and_picked_up(this: Play) -> None:
    """The password of the request is of no use; a second pickup finds the key dropped."""
    waiting, _ = _enroll(this, "password while it waits")
    path = f"Workflow/Instances/{waiting['WorkflowInstanceId']}"

    def status() -> str:
        return str(this.call(REQUESTER, "GET", path)["Status"])

    assert wait_until(lambda: status() == "Suspended", 60, pause=0.3), status()
    signal = {"SignalKey": "Approve.ApprovalStatus", "Data": {"Approved": "True", "Comment": "Seen"}}
    this.call(APPROVER, "POST", f"{path}/Signals", signal, status=204)
    assert wait_until(lambda: status() == "Complete", 60, pause=0.3), status()
    certificate = this.call(REQUESTER, "GET", path)["CurrentStateData"]["KeyfactorId"]
    _recover(this, REQUESTER, certificate, "key that was picked up")
    late = {"CertID": certificate, "Password": this.marks.new("password of a late pickup")}
    this.call(REQUESTER, "POST", "Certificates/Recover", late, status=409)


def _had_at_once(this: Play) -> None:
    """Without a definition the file comes with the answer."""
    issued, password = _enroll(this, "password of the file")
    _mark_key(this, "key in the answer", issued["Pkcs12Blob"], password)


def _retained(this: Play) -> int:
    """A key that the template keeps can be had again; returns the certificate."""
    template = this.find("Templates", "CommonName", "WebServerPfx")["Id"]
    this.call("admin", "PUT", "Templates", {"Id": template, "KeyRetention": "Indefinite"})
    issued, _ = _enroll(this, "password of a retained key")
    _recover(this, "admin", issued["KeyfactorId"], "retained key")
    return int(issued["KeyfactorId"])


def _by_csr(this: Play) -> None:
    """The requester's own key never comes here; sent by mistake, it is refused and kept nowhere."""
    key = ec.generate_private_key(ec.SECP256R1())
    this.marks.add("requester's own key", _scalar(key))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    body = {"Template": "CodeSigning", "CSR": csr.public_bytes(Encoding.PEM).decode()}
    this.call(REQUESTER, "POST", "Enrollment/CSR", body)
    this.call(REQUESTER, "POST", "Enrollment/CSR", body | {"PrivateKey": secret}, status=400)
    this.call(REQUESTER, "POST", "Enrollment/CSR", body | {"CSR": secret}, status=400)


def _enroll(this: Play, name: str) -> tuple[dict[str, Any], str]:
    """Once refused for its template, once accepted."""
    password = this.marks.new(name)
    body = {"Subject": f"CN={COMMON_NAME}", "SANs": {"dns": [COMMON_NAME]}, "Password": password}
    this.call(REQUESTER, "POST", "Enrollment/PFX", body | {"Template": "Nonsense"}, status=400)
    answer = this.call(REQUESTER, "POST", "Enrollment/PFX", body | {"Template": "WebServerPfx"})
    return answer["CertificateInformation"], password


def _recover(this: Play, name: str, certificate: int, mark: str) -> None:
    password = this.marks.new(f"password for the {mark}")
    answer = this.call(name, "POST", "Certificates/Recover", {"CertID": certificate, "Password": password})
    _mark_key(this, mark, answer["PFX"], password)


def _mark_key(this: Play, name: str, file: str, password: str) -> None:
    key, _, _ = pkcs12.load_key_and_certificates(base64.b64decode(file), password.encode())
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    this.marks.add(name, _scalar(key))


def _scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private number, as PKCS#8 and every other form of the key hold it."""
    return key.private_numbers().private_value.to_bytes(32)
