"""Signature Version 4, by the vendor's published test suite and by what its own library makes of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflows.connectors.aws import AwsRequest, Credentials, signed
from workflows.encryption import Secret

NOW = datetime(2015, 8, 30, 12, 36, 0, tzinfo=UTC)
CREDENTIALS = Credentials("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "headers", "body", "signature"),
    [
        ("GET", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("POST", FORM, b"Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ],
)
def test_the_signature_is_that_of_the_test_suite(
    method: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    request = AwsRequest("https://example.amazonaws.com", "/", headers, body, "us-east-1", "service", method)
    header = signed(request, CREDENTIALS, NOW)["authorization"]
    assert str(header).endswith(f", Signature={signature}")
    assert "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " in str(header)


def test_a_session_token_is_signed_and_stays_closed() -> None:
    temporary = Credentials("AKIDEXAMPLE", CREDENTIALS.secret_key, Secret("tok/en="))
    request = AwsRequest(
        "https://lambda.eu-central-1.amazonaws.com",
        "/2015-03-31/functions/check:live/invocations",
        {"Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse"},
        b'{"a":1}',
        "eu-central-1",
        "lambda",
    )
    headers = signed(request, temporary, NOW)
    assert headers["x-amz-security-token"] == Secret("tok/en=")
    assert request.url.endswith("/functions/check%3Alive/invocations")
    expected = "4b64add996754aebf20f6ac4cfe8f71fbf5f616237d777a03a8f128f694765ec"
    assert str(headers["authorization"]).endswith(f"Signature={expected}")
