"""What tests of HTTP calls expect of a call that fails: its error, which gives nothing away."""

from __future__ import annotations

import pytest

from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpCall, send
from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.errors import OutsideCallFailed

MARK = "marked-secret"
LOGIN = Login("user", Secret(MARK))


def failure(call: HttpCall, policy: OutboundPolicy) -> OutsideCallFailed:
    with pytest.raises(OutsideCallFailed) as caught:
        send(call, policy)
    assert MARK not in str(caught.value)
    return caught.value
