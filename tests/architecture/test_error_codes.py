"""Each error code stands once, and in the documentation."""

from __future__ import annotations

import re

from tests.architecture.snapshots import assert_current
from workflows.api.error_codes import document


def test_the_page_is_current() -> None:
    assert_current("docs/error-codes.md", document())


def test_no_two_errors_share_a_code() -> None:
    codes = re.findall(r"\| `(0x[0-9A-F]{8})` \|", document())
    assert len(codes) > 30
    assert len(set(codes)) == len(codes)
