"""`instances`: what an administrator can do from the server, with an outcome for each id and in the log."""

from __future__ import annotations

import os
import pty
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from tests import builders
from workflows.actions import approvals, definitions
from workflows.models import AuditEntry, Instance, Role, User
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import InstanceStatus

if TYPE_CHECKING:
    from workflows.models import DefinitionVersion

Shown = pytest.CaptureFixture[str]


@pytest.fixture
def version(root_key_file: Path) -> DefinitionVersion:
    """Its instances wait for an approval."""
    approvers = builders.role("Approvers", builders.user("bob"))
    return builders.publish(builders.chain(builders.approval(roles=[approvers])))


@pytest.fixture
def waiting(version: DefinitionVersion) -> Instance:
    return builders.run(version)


def publish(version: DefinitionVersion, steps: list[builders.Step]) -> None:
    designer = builders.user("designer")
    builders.role("Designers", designer, permissions=["/workflows/"])
    definitions.save_steps(version.definition.guid, steps, actor=builders.actor(designer))
    definitions.publish(version.definition.guid, actor=builders.actor(designer))


def test_each_id_has_its_line_and_the_exit_code_tells(waiting: Instance, capsys: Shown) -> None:
    with pytest.raises(CommandError, match="2 of 3 could not be stopped"):
        call_command("instances", "stop", str(waiting.guid), "999999", "x")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"{waiting.guid}: stopped."
    assert second.startswith("999999: There is no workflow instance")
    assert third.startswith("x: 'x' is neither a GUID nor")
    assert builders.reload(waiting).status == InstanceStatus.Rejected
    entry = AuditEntry.objects.get(operation=Operation.Stopped)
    assert entry.user_name.startswith("Command line (")


def test_restarting_names_the_new_one(waiting: Instance, capsys: Shown) -> None:
    call_command("instances", "restart", str(waiting.pk), "--yes")
    new = Instance.objects.latest("pk")
    assert capsys.readouterr().out == f"{waiting.pk}: restarted as {new.pk} ({new.guid}).\n"
    call_command("instances", "show", str(new.pk), str(waiting.guid))
    shown = capsys.readouterr().out
    assert f"restarted from {waiting.pk} ({waiting.guid}) by Command line (" in shown
    assert f"restarted as {new.pk} ({new.guid})" in shown


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Somebody types there what he is asked for."""
    person, machine = pty.openpty()
    with os.fdopen(machine) as stdin, os.fdopen(person, "wb", buffering=0) as typing:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield lambda text: typing.write(text) and None


def test_a_restart_says_what_it_changes_and_asks(
    version: DefinitionVersion, waiting: Instance, capsys: Shown, terminal: Callable[[bytes], None]
) -> None:
    step = builders.approval(roles=[Role.objects.get(name="Approvers")], AllowSelfApproval=True)
    publish(version, builders.chain(step))
    terminal(b"n\n")
    with pytest.raises(CommandError, match="Nothing was restarted"):
        call_command("instances", "restart", str(waiting.pk), "999999")
    shown = capsys.readouterr().out
    assert f"{waiting.pk}: version 1 -> 2; asks for 1 approval(s)." in shown
    assert "Version 2 lets people approve their own requests, version 1 does not." in shown
    assert "ConfigurationParameters.AllowSelfApproval: nothing -> True" in shown
    assert "999999: There is no workflow instance" in shown
    assert "Restart 2 instance(s)? [y/N]" in shown
    assert Instance.objects.count() == 1
    terminal(b"y\n")
    call_command("instances", "restart", str(waiting.pk))
    assert builders.reload(waiting).status == InstanceStatus.CanceledForRestart


def test_without_a_terminal_a_restart_needs_yes(waiting: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        with pytest.raises(CommandError, match="add --yes"):
            call_command("instances", "restart", str(waiting.pk))
    assert Instance.objects.count() == 1


def test_a_restart_takes_the_version_that_is_named(
    version: DefinitionVersion, waiting: Instance, capsys: Shown
) -> None:
    publish(version, builders.noops(1))
    call_command("instances", "stop", str(waiting.pk))
    call_command("instances", "restart", str(waiting.pk), "--version", "1", "--yes")
    began = Instance.objects.latest("pk")
    assert began.version == version
    with pytest.raises(CommandError, match="1 of 1 could not be restarted"):
        call_command("instances", "restart", str(waiting.pk), "--yes")
    assert f"goes on as {began.pk} ({began.guid}), which is Running. Work on" in capsys.readouterr().out
    call_command("instances", "stop", str(began.pk))
    with pytest.raises(CommandError, match="1 of 1 could not be restarted"):
        call_command("instances", "restart", str(waiting.pk), "--version", "7", "--yes")
    assert "not 7" in capsys.readouterr().out


def test_finished_ones_are_deleted(waiting: Instance, capsys: Shown) -> None:
    with pytest.raises(CommandError, match="1 of 1 could not be deleted"):
        call_command("instances", "delete", str(waiting.pk))
    assert "stop it first" in capsys.readouterr().out
    call_command("instances", "stop", str(waiting.pk))
    call_command("instances", "delete", str(waiting.pk))
    assert capsys.readouterr().out == f"{waiting.pk}: stopped.\n{waiting.pk}: deleted.\n"
    assert not Instance.objects.exists()


def test_show_tells_where_it_stands_and_how_it_came_there(waiting: Instance, capsys: Shown) -> None:
    call_command("instances", "show", str(waiting.pk))
    shown = capsys.readouterr().out
    assert f"{waiting.pk}  Suspended  RequireApproval1: Awaiting 1 more approval(s)" in shown
    assert "A workflow version 1" in shown
    assert "StartNOOP  Done" in shown
    assert re.search(r"at RequireApproval1 since \S+ \S+, asking Approvers\n", shown)
    with pytest.raises(CommandError, match="There is no workflow instance"):
        call_command("instances", "show", "999999")


def test_what_others_wrote_steers_no_terminal(waiting: Instance, capsys: Shown) -> None:
    bob = builders.actor(User.objects.get(username="bob"))
    approvals.approve(
        waiting.guid, actor=bob, step_name="RequireApproval1", comment="fine\n99\x1b[2J Complete"
    )
    call_command("instances", "show", str(waiting.pk))
    shown = capsys.readouterr().out
    assert "approved by COUNTERSIGN\\bob  fine 99 [2J Complete\n" in shown
    assert "\x1b" not in shown


def test_list_is_narrowed_by_status(version: DefinitionVersion, capsys: Shown) -> None:
    first, second = builders.run(version), builders.run(version)
    call_command("instances", "stop", str(first.pk))
    capsys.readouterr()
    call_command("instances", "list")
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        str(second.pk),
        str(first.pk),
    ]
    call_command("instances", "list", "--status", "Rejected", "--count", "5")
    assert capsys.readouterr().out.startswith(f"{first.pk}  Rejected")
