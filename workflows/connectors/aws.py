"""AWS by its own library: botocore writes, signs and reads the calls, our guarded connections carry them.

Nothing of the environment plays a part: no profile, configuration file, proxy or credentials but those given.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workflows.connectors import http
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpCall
from workflows.connectors.outbound import Deadline
from workflows.encryption import Secret
from workflows.errors import OutsideCallFailed, Throttled

# Below INFO it writes requests and answers, and those of STS hold credentials.
logging.getLogger("botocore").setLevel(logging.INFO)

LIFETIME = 900  # seconds of an assumed role: the least that STS gives
_CODE = re.compile(r"[A-Za-z.]{1,80}")  # as in AccessDeniedException; other text may hold anything
_SET_BY_CONNECTION = frozenset({"connection", "content-length", "expect", "host", "accept-encoding"})
_SECRET = frozenset({"authorization", "x-amz-security-token"})
_PASSING = frozenset({500, 502, 503, 504})
_CONFIG = Config(
    retries={"total_max_attempts": 1},  # attempts are the engine's
    ignore_configured_endpoint_urls=True,
    disable_request_compression=True,
)
_NOTHING = {"config_file": os.devnull, "credentials_file": os.devnull, "profile": None, "ca_bundle": None}
_session = botocore.session.Session(
    session_vars={name: (None, None, value, None) for name, value in _NOTHING.items()}
)
_making = threading.Lock()  # a session makes one client at a time; what it has made, any thread may use


@dataclass(frozen=True)
class Account:
    """Who calls, and in which region."""

    region: str
    access_key: str
    secret_key: Secret[str] = field(repr=False)
    session_token: Secret[str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Line:
    """How calls reach AWS: what the guard allows, and until when, all calls together."""

    policy: OutboundPolicy
    deadline: Deadline
    byte_limit: int


@dataclass(frozen=True)
class Returned:
    """What a function returned; `failure` is its own word for having failed."""

    content: Any
    failure: str


def invoke(account: Account, line: Line, *, function: str, payload: bytes, endpoint: str = "") -> Returned:
    """Call a Lambda function and wait for its end (AWS Lambda, Invoke).

    Raises OutsideCallFailed, Throttled, AddressRefused, and TimeoutError when the deadline has passed.
    """
    answer = _call(account, line, "lambda", endpoint, "invoke", FunctionName=function, Payload=payload)
    content = answer["Payload"].read()
    return Returned(_value(content), answer.get("FunctionError", ""))


def assume_role(
    account: Account, line: Line, *, role: str, external_id: str, session: str, endpoint: str = ""
) -> Account:
    """Credentials of the role for fifteen minutes (AWS STS, AssumeRole); raises as `invoke` does."""
    wanted = {"RoleArn": role, "RoleSessionName": session, "DurationSeconds": LIFETIME}
    optional = {"ExternalId": external_id} if external_id else {}
    given = _call(account, line, "sts", endpoint, "assume_role", **wanted, **optional).get("Credentials", {})
    if not all(given.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")):
        raise OutsideCallFailed("STS answered without credentials", retryable=False)
    secret, token = Secret(given["SecretAccessKey"]), Secret(given["SessionToken"])
    return Account(account.region, given["AccessKeyId"], secret, token)


def _call(account: Account, line: Line, service: str, endpoint: str, verb: str, **given: Any) -> Any:
    client = _client(account, service, endpoint)
    client.meta.events.register("before-send", partial(_carried, line))
    try:
        return getattr(client, verb)(**given)
    except ClientError as error:
        _refused(error.response)
    except (BotoCoreError, LookupError) as error:  # its reader takes the shape of an answer for granted
        text = f"AWS was not asked, or its answer cannot be read: {type(error).__name__}"
        raise OutsideCallFailed(text, retryable=False) from None


def _client(account: Account, service: str, endpoint: str) -> Any:
    with _making:
        return _session.create_client(
            service,
            region_name=account.region,
            endpoint_url=endpoint or None,
            aws_access_key_id=account.access_key,
            aws_secret_access_key=account.secret_key.reveal(),
            aws_session_token=account.session_token.reveal() if account.session_token else None,
            config=_CONFIG,
        )


def _carried(line: Line, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    """Botocore's event `before-send`: the answer that it is given is the one it reads."""
    body = request.body or b""
    call = HttpCall(
        url=request.url,
        method=request.method,
        headers=tuple(_headers(request)),
        body=body if isinstance(body, bytes) else str(body).encode(),
        timeout=line.deadline.left(),
        byte_limit=line.byte_limit,
        redirect_limit=0,
    )
    answer = http.send(call, line.policy)
    return AWSResponse(request.url, answer.status, dict(answer.headers), _Body(answer.body))


def _headers(request: AWSPreparedRequest) -> Iterator[tuple[str, str | Secret[str]]]:
    for name, value in request.headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        if name.lower() not in _SET_BY_CONNECTION:
            yield name, Secret(text) if name.lower() in _SECRET else text


class _Body(io.BytesIO):
    """The whole body as botocore reads it from a connection."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _refused(answer: dict[str, Any]) -> NoReturn:
    """In AWS's code for it, never in its sentences, which may hold anything."""
    meta, code = answer.get("ResponseMetadata", {}), str(answer.get("Error", {}).get("Code", ""))
    status = int(meta.get("HTTPStatusCode", 0))
    text = f"AWS answered {status}" + (f" ({code})" if _CODE.fullmatch(code) else "")
    if status == 429:
        raise Throttled(text, retry_after=meta.get("HTTPHeaders", {}).get("retry-after")) from None
    raise OutsideCallFailed(text, retryable=status in _PASSING) from None


def _value(content: bytes) -> Any:
    """JSON as a rule; text where it is none, null where there is nothing."""
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return text
