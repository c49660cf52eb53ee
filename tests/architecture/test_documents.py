"""The documentation says what the code says, and its links lead somewhere."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from tests.architecture import documents
from tests.architecture.snapshots import ROOT, assert_current
from workflows.vocabulary import messages
from workflows.vocabulary.statuses import InstanceStatus

_FILES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in _FILES)
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([\w-]+))?\)")


@pytest.mark.parametrize("file", PAGES)
def test_generated_parts_are_current(file: str) -> None:
    assert_current(file, documents.updated((ROOT / file).read_text(encoding="utf-8")))


def test_every_generated_part_stands_somewhere() -> None:
    found = {name for page in PAGES for name in documents.parts_of((ROOT / page).read_text(encoding="utf-8"))}
    assert set(documents.PARTS) <= found


@pytest.mark.parametrize("file", PAGES)
def test_links_lead_to_files_and_headings(file: str) -> None:
    path = ROOT / file
    broken = [link for link in _LINK.findall(_prose(path)) if not _leads_somewhere(path, *link)]
    assert broken == []


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (ROOT / page).parent.joinpath(target).resolve()
        for page in PAGES
        for target, _ in _LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    }
    assert [page for page in PAGES if page.startswith("docs/") and (ROOT / page) not in linked] == []


def test_every_status_and_every_message_is_explained() -> None:
    page = (ROOT / "docs" / "statuses.md").read_text(encoding="utf-8")
    stored = [each.name for each in InstanceStatus if each is not InstanceStatus.Unknown]
    assert [text for text in (*stored, *_messages()) if f"| `{text}` |" not in page] == []


def _messages() -> list[str]:
    """Every text of `vocabulary/messages.py`, with … for what changes."""
    words = {name: each for name, each in vars(messages).items() if name[0] != "_" and name != "annotations"}
    return [
        each if isinstance(each, str) else each(*["…"] * len(inspect.signature(each).parameters))
        for each in words.values()
    ]


def _prose(path: Path) -> str:
    """The page without its code."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _leads_somewhere(page: Path, target: str, heading: str) -> bool:
    if target.startswith(("http:", "https:", "mailto:")):
        return True
    file = page.parent / target if target else page
    return file.exists() and (not heading or heading in _headings(file))


def _headings(page: Path) -> set[str]:
    """The anchors that repository hosts make of headings."""
    lines = [line.lstrip("#").strip().lower() for line in _prose(page).splitlines() if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", line).replace(" ", "-") for line in lines}
