"""Users, their passwords right and wrong, and their tokens."""

from __future__ import annotations

from tests.functional.canary.play import API, Play

REQUESTER, APPROVER = "canary-requester", "canary-approver"
PERMISSIONS = {
    REQUESTER: [
        "/certificates/enrollment/csr/",
        "/certificates/enrollment/pfx/",
        "/workflows/instances/read/mine/",
    ],
    APPROVER: ["/workflows/instances/read/pending/"],
}


def play(this: Play) -> None:
    this.passwords["admin"] = this.product.password
    this.marks.add("first password", this.product.password.encode())
    for name in PERMISSIONS:
        _create(this, name)
    _change_password(this)
    _fail_to_log_in(this)
    _use_tokens(this)


def _create(this: Play, name: str) -> None:
    password = this.passwords[name] = this.marks.new(f"password of {name}")
    user = {"AccountName": name, "Password": password, "Email": f"{name}@keyexample.com"}
    this.call("admin", "POST", "Security/Users", user)
    role = {"Name": name, "Description": "", "Permissions": PERMISSIONS[name], "Identities": [user]}
    this.call("admin", "POST", "Security/Roles", role)


def _change_password(this: Play) -> None:
    """Refusals must not repeat what was sent."""
    user = this.find("Security/Users", "AccountName", rf"COUNTERSIGN\{REQUESTER}")
    path = f"Security/Users/{user['Id']}/Password"
    for unusable in (
        [this.marks.new("password in a list")],
        this.marks.new("password with NUL") + "\0",
        this.marks.new("endless password") * 100,
    ):
        this.call("admin", "PUT", path, {"Password": unusable}, status=400)
    this.call("admin", "PUT", path, this.marks.new("password as the body"), status=400)
    with this.client("admin", **{"Content-Type": "application/json"}) as client:
        broken = f'{{"Password": "{this.marks.new("password in broken JSON")}'
        assert client.put(API + path, content=broken).status_code == 400
    this.passwords[REQUESTER] = this.marks.new("changed password")
    this.call("admin", "PUT", path, {"Password": this.passwords[REQUESTER]}, status=204)
    this.call(REQUESTER, "GET", "Security/My")


def _fail_to_log_in(this: Play) -> None:
    this.call(APPROVER, "GET", "Security/My", status=401, password=this.marks.new("wrong password"))
    this.call("nobody", "GET", "Security/My", status=401, password=this.marks.new("password of nobody"))
    for scheme in ("Basic", "Bearer", "Token", "Unknown"):
        header = f"{scheme} {this.marks.new(f'wrong {scheme} credential')}"
        this.call("", "GET", "Security/My", status=401, Authorization=header)


def _use_tokens(this: Play) -> None:
    token = this.call(REQUESTER, "POST", "Security/Tokens", {"Name": "for the canary"})["Token"]
    this.marks.add("API token", token.encode())
    this.meant.add("POST /api/Security/Tokens 200")
    this.call("", "GET", "Security/My", Authorization=f"Bearer {token}")
    this.call("", "GET", f"Security/My?token={this.marks.new('token in a query')}", status=401)
