"""The README's story does what it says: its shell blocks run as they stand."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from config.env import ROOT
from tests.product import Product

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SAID = ["ISSUED", "PENDING", "Awaiting 2 more approval(s) from approval roles.", "Issued", "shop.pem: OK"]
DEFINITIONS = "/api/Workflow/Definitions"


@pytest.fixture
def _free_template(administrator: httpx2.Client) -> Iterator[None]:
    """As on a fresh installation, no definition claims the story's template; none does afterwards."""
    _free(administrator)
    yield
    _free(administrator)


def _free(administrator: httpx2.Client) -> None:
    for definition in administrator.get(f"{DEFINITIONS}?ReturnLimit=1000").json():
        if definition["KeyDisplayName"] == "Web server (CSR)":
            administrator.delete(f"{DEFINITIONS}/{definition['Id']}").raise_for_status()


@pytest.mark.usefixtures("_free_template")
def test_the_story_can_be_typed_as_it_stands(live_product: Product, tmp_path: Path) -> None:
    blocks = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    (tmp_path / "var").symlink_to(live_product.data)
    script = "\n".join(["set -euo pipefail", *blocks]).replace("http://localhost:8000", live_product.url)
    command = ["bash", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    lines = done.stdout.splitlines()
    assert [line for line in lines if line in SAID] == SAID, done.stdout
    assert re.search(r"Serial Number: [0-9A-F]+", lines[-1])
