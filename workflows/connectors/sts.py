"""Assuming a role at AWS: short-lived credentials for those of a key (AWS STS, API 2011-06-15)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from workflows.connectors.aws import AwsRequest, Credentials
from workflows.encryption import Secret
from workflows.errors import OutsideCallFailed

LIFETIME = 900  # seconds: the least that STS gives


def assume_role(
    *, endpoint: str, region: str, role_arn: str, external_id: str, session_name: str
) -> AwsRequest:
    """The request for the role's credentials; to be signed with those of the key."""
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": role_arn,
        "RoleSessionName": session_name,
        "DurationSeconds": str(LIFETIME),
        **({"ExternalId": external_id} if external_id else {}),
    }
    return AwsRequest(
        endpoint=endpoint,
        path="/",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        body=urlencode(form).encode(),
        region=region,
        service="sts",
    )


def credentials_of(body: bytes) -> Credentials:
    """The credentials in an answer; raises OutsideCallFailed when they are not there."""
    text = body.decode("utf-8", "replace")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    found = [re.search(rf"<{name}>\s*([^<\s]+)\s*</{name}>", text) for name in names]
    if not all(found):
        raise OutsideCallFailed("STS answered without credentials", retryable=False)
    access_key, secret_key, token = (match[1] for match in found if match)
    return Credentials(access_key, Secret(secret_key), Secret(token))
