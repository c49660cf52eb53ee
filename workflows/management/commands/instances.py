"""`manage.py instances stop|restart|delete|show ID…` and `list`: when the portal is not at hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.actions import histories
from workflows.actions.awaited import awaited
from workflows.actions.bulk import Action, Result, in_bulk
from workflows.actions.histories import History
from workflows.actions.instances import listed, parse_name
from workflows.errors import DomainError
from workflows.management.differences import difference_lines
from workflows.management.operators import operator
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

ACTIONS = {action.name.lower(): action for action in Action}
DONE = {Action.STOP: "stopped", Action.RESTART: "restarted", Action.DELETE: "deleted"}
STATUSES = [status.name for status in InstanceStatus if status is not InstanceStatus.Unknown]
_TIME = "%Y-%m-%d %H:%M:%S"


class Command(BaseCommand):
    help = "Stop, restart, delete or show workflow instances by GUID or ReferenceId, or list the newest."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        parsers: dict[str, CommandParser] = {}
        for verb in (*ACTIONS, "show"):
            parsers[verb] = verbs.add_parser(verb)
            parsers[verb].add_argument("ids", nargs="+", metavar="ID")
        parsers["restart"].add_argument("--version", type=int, metavar="N", help="absent: the published one")
        parsers["restart"].add_argument("--yes", action="store_true", help="ask nothing")
        newest = verbs.add_parser("list")
        newest.add_argument("--status", choices=STATUSES, help="absent: every status")
        newest.add_argument("--count", type=int, default=20)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            if verb == "list":
                self._list(options["status"], options["count"])
            elif verb == "show":
                self._show(options["ids"])
            else:
                if verb == "restart" and not options["yes"]:
                    self._ask(options["ids"], options["version"])
                self._carry_out(ACTIONS[verb], options["ids"], options.get("version"))
        except DomainError as error:
            raise CommandError(error.message) from None

    def _ask(self, ids: Sequence[str], version: int | None) -> None:
        """What a restart changes is said before it; a script has read it elsewhere, and says so."""
        if not sys.stdin.isatty():
            raise CommandError("Restart asks before it begins, and nobody is here to answer; add --yes.")
        for id_ in ids:
            for line in difference_lines(id_, version, actor=operator()):
                self._say(line)
        if not _is_agreed(f"Restart {len(ids)} instance(s)? [y/N] "):
            raise CommandError("Nothing was restarted.")

    def _carry_out(self, action: Action, ids: Sequence[str], version: int | None) -> None:
        """A line for each; the exit code tells when one was refused."""
        results = in_bulk(action, ids, actor=operator(), version=version)
        for each in results:
            self._say(_outcome(action, each))
        refused = sum(not each.ok for each in results)
        if refused:
            raise CommandError(f"{refused} of {len(results)} could not be {DONE[action]}.")

    def _show(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            for line in _described(histories.history(parse_name(id_), actor=operator())):
                self._say(line)

    def _list(self, status: str | None, count: int) -> None:
        wanted = InstanceStatus[status] if status else None
        for each in listed(wanted, actor=operator())[: max(count, 0)]:
            self._say(_line(each))

    def _say(self, line: str) -> None:
        """Comments and messages are other people's: what would steer a terminal is left out."""
        self.stdout.write("".join(each if each.isprintable() else " " for each in line))


def _is_agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _outcome(action: Action, result: Result) -> str:
    if result.error is not None:
        return f"{result.name}: {result.error.message}"
    began = f" as {result.new.pk} ({result.new.guid})" if result.new else ""
    return " ".join([f"{result.name}: {DONE[action]}{began}.", *result.warnings])


def _described(history: History) -> Iterator[str]:
    instance = history.instance
    yield _line(instance)
    yield f"  id {instance.guid}, {instance.version.display_name} version {instance.version.number}"
    if wait := awaited(instance):
        roles = f", asking {' or '.join(wait.roles)}" if wait.roles else ""
        yield f"  at {wait.step_name} since {wait.since:{_TIME}}{roles}"
    if origin := history.restarted_from:
        by = f" by {history.restarted_by}" if history.restarted_by else ""
        yield f"  restarted from {origin.pk} ({origin.guid}){by}"
    for step in history.steps:
        status = StepRunStatus(step.status).name
        yield f"  {step.started_at:{_TIME}}  {step.step_name}  {status}  {step.message}".rstrip()
    for each in history.decisions:
        word = "approved" if each.approved else "denied"
        yield f"  {each.decided_at:{_TIME}}  {each.step_name}  {word} by {each.user_name}  {each.comment}"
    for later in history.restarted_as:
        yield f"  restarted as {later.pk} ({later.guid})"


def _line(instance: Instance) -> str:
    status = InstanceStatus(instance.status).name
    where = f"{instance.step_name}: " if instance.step_name else ""
    return f"{instance.pk}  {status}  {where}{instance.status_message}  {instance.record.title}"
