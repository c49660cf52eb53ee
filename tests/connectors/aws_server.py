"""AWS as moto serves it, without containers: it verifies each signature against its own users and roles."""

from __future__ import annotations

import contextlib
import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
MAY_ALL = {"Effect": "Allow", "Action": ["lambda:*", "sts:*"], "Resource": "*"}
MAY_ASSUME = {"Effect": "Allow", "Action": ["sts:*"], "Resource": "*"}


@dataclass(frozen=True)
class Key:
    access: str
    secret: str


@dataclass(frozen=True)
class AwsServer:
    """A function `check`, a key that may call it, and one that may only assume the role that may."""

    url: str
    caller: Key
    assumer: Key
    role: str

    def will_return(self, *results: str) -> None:
        """What the next invocations of a function give, one each."""
        tell(self.url, "static/lambda-simple/response", {"results": results, "region": REGION})


@contextlib.contextmanager
def running() -> Iterator[AwsServer]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    try:
        tell(url, "reset", None)
        tell(url, "config", {"lambda": {"use_docker": False}})
        yield _furnished(url)
    finally:
        tell(url, "reset-auth", float("inf"))
        server.stop()


def tell(url: str, path: str, body: Any) -> None:
    content = str(body) if isinstance(body, float | int) else json.dumps(body)
    kind = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"{url}/moto-api/{path}", content.encode(), kind)
    with urllib.request.urlopen(asked):
        pass


def _furnished(url: str) -> AwsServer:
    iam, functions = (_client(name, url) for name in ("iam", "lambda"))
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="Caller", AssumeRolePolicyDocument=_policy(anybody))["Role"]["Arn"]
    iam.put_role_policy(RoleName="Caller", PolicyName="p", PolicyDocument=_policy(MAY_ALL))
    functions.create_function(
        FunctionName="check", Runtime="python3.11", Role=role, Handler="f.run", Code={"ZipFile": _code()}
    )
    caller, assumer = _key(iam, "caller", MAY_ALL), _key(iam, "assumer", MAY_ASSUME)
    tell(url, "reset-auth", 0)
    return AwsServer(url, caller, assumer, role)


def _client(service: str, url: str) -> Any:
    return boto3.client(
        service, region_name=REGION, endpoint_url=url, aws_access_key_id="any", aws_secret_access_key="any"
    )


def _key(iam: Any, name: str, statement: dict[str, Any]) -> Key:
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=_policy(statement))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Key(made["AccessKeyId"], made["SecretAccessKey"])


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _code() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("f.py", "def run(event, context): return event")
    return file.getvalue()
