"""Every permission that exists is asked for, and whatever is asked for exists."""

from __future__ import annotations

import re

import pytest

from tests.architecture import operations
from tests.architecture.snapshots import ROOT
from workflows.vocabulary.permissions import TREE, Permission

# The vocabulary only names them, the demonstration only grants them.
SILENT = ("workflows/vocabulary/permissions.py", "workflows/actions/demonstration.py")
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for package in ("workflows", "portal")
    for path in (ROOT / package).rglob("*.py")
    if path.relative_to(ROOT).as_posix() not in SILENT
)


@pytest.mark.parametrize("permission", Permission, ids=lambda each: each.name)
def test_every_permission_is_asked_for(permission: Permission) -> None:
    assert re.search(rf"\bPermission\.{permission.name}\b", SOURCE)


def test_every_string_in_the_code_is_a_documented_one() -> None:
    """Spelled out, a string is written as a prefix of the tree or not at all."""
    roots = "|".join(sorted({text.split("/")[1] for text in TREE if text != "/"}))
    spelled = set(re.findall(rf'"(/(?:{roots})/[a-z_/]*/?)"', SOURCE))
    assert [text for text in spelled if not any(known.startswith(text) for known in TREE)] == []


def test_every_operation_asks_for_documented_ones() -> None:
    asked = {text for operation in operations.operations() for text in operation.permissions}
    assert asked <= set(TREE)
