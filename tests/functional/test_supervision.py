"""`manage.py up` over its whole life: children die, it is killed itself, and everything is found again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import ROOT
from config.supervisor.children import wait_until
from tests.product import Product, free_port, is_ready, running_product


def test_a_second_start_on_the_same_data_is_refused(live_product: Product) -> None:
    environ = {**live_product.environ, "PORT": str(free_port())}
    command = [sys.executable, "manage.py", "up"]
    second = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "already runs" in second.stderr


def test_a_taken_port_is_refused_before_anything_starts(live_product: Product, tmp_path: Path) -> None:
    environ = {**live_product.environ, "DATA": str(tmp_path / "data")}
    command = [sys.executable, "manage.py", "up"]
    second = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"Port {environ['PORT']} is in use" in second.stderr
    assert not (tmp_path / "data" / "postgres").exists()


@pytest.mark.timeout(600)  # everything starts twice, on a busy machine too
def test_children_die_then_the_supervisor_and_all_is_found_again(tmp_path: Path) -> None:
    """In a path with a space, below a folder closed to everybody else."""
    closed = tmp_path / "closed folder"
    closed.mkdir(mode=0o700)
    with running_product(closed / "data") as first:
        for pid in children(first):
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: is_whole(first), seconds=90, pause=0.5)
        left_alone = children(first)
        first.supervisor.kill()
        first.supervisor.wait()
    with running_product(closed / "data", PORT=first.environ["PORT"]) as second:
        assert (second.username, second.password) == (first.username, first.password)
        # The web server that is left alone may answer once more, as if the second one were ready.
        assert wait_until(lambda: not [pid for pid in left_alone if is_running(pid)], seconds=90)
        assert wait_until(lambda: is_whole(second), seconds=90, pause=0.5)
        to_be_stopped = children(second)
        second.supervisor.send_signal(signal.SIGINT)
        assert second.supervisor.wait(60) == 0
        assert not [pid for pid in to_be_stopped if is_running(pid)]


def is_whole(product: Product) -> bool:
    return len(children(product)) >= 5 and is_ready(product.url)


def children(product: Product) -> list[int]:
    """Its living direct children, by the kernel's own list."""
    pid = product.supervisor.pid
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if is_running(int(child))]


def is_running(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
