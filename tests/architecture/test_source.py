"""What no file may be: long, an edge with rules of its own, a note from somebody's machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.snapshots import ROOT

LONGEST = 400
SOURCE = [
    path.relative_to(ROOT)
    for package in ("config", "portal", "workflows")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
EDGES = [path for path in SOURCE if path.parts[0] == "portal" or path.parts[:2] == ("workflows", "api")]
WRITES = ("bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "update_or_create")
MACHINE = re.compile(rb"/(?:work|root|home)/[\w.-]+|\bpip\.conf\b|index[-]url|/tmp/\w")


@pytest.mark.parametrize("path", SOURCE, ids=str)
def test_files_are_short(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", EDGES, ids=str)
def test_edges_change_no_rows(path: Path) -> None:
    """Portal and API call actions; only what an action module offers may be called `create` or `delete`."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert list(_writes(tree, _actions(tree))) == []


def test_no_committed_file_names_a_place_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name for name in listed.decode().split("\0") if name]
    found = {
        path.relative_to(ROOT).as_posix(): match[0]
        for path in files
        if path.is_file() and path != Path(__file__) and (match := MACHINE.search(path.read_bytes()))
    }
    assert found == {}


def _actions(tree: ast.AST) -> set[str]:
    """Names that the module has from `workflows.actions`."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name
        for node in imports
        if (node.module or "").startswith("workflows.actions")
        for alias in node.names
    }


def _writes(tree: ast.AST, actions: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = ast.unparse(node.func.value)
        if node.func.attr in WRITES and owner not in actions:
            yield f"line {node.lineno}: {owner}.{node.func.attr}(…)"
        if node.func.attr == "update" and ".objects" in owner:
            yield f"line {node.lineno}: {owner}.update(…)"
