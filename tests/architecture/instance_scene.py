"""What the matrix of instances asks about: an instance in each state, a person for each set of grants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.test import Client

from tests import builders, installed
from tests.api.clients import person
from tests.architecture.instance_cases import DENIED, EVERY, FAILED, GRANTS, STEP, STOPPED, Case
from workflows.actions import approvals, definitions, instances
from workflows.models import Instance, Role, User

MARK = "ofnobodysbusiness"
_BROKEN = {"ScriptContent": f'{{"{MARK}": 1}}', "ScriptParameters": {"x": "$(nobody_sets_this)"}}
_MENDED = {"ScriptContent": f'["{MARK}"]'}


@dataclass
class Scene:
    instances: dict[str, Instance]
    people: dict[str, User]
    asked: Role
    sessions: dict[int, str]

    def visitors(self) -> dict[int, Client]:
        """Browsers in which these people are logged in."""
        browsers = {key: Client() for key in self.sessions}
        for key, session in self.sessions.items():
            browsers[key].cookies[settings.SESSION_COOKIE_NAME] = session
        return browsers

    def each(self, wanted: Iterable[Case]) -> Iterator[tuple[Case, Instance, User]]:
        """Every case with its rows, which are as before when the next one comes."""
        for case in wanted:
            with transaction.atomic():
                instance, caller = self.instances[case.state], self.people[case.grants]
                case.relate(instance, caller, self.asked)
                yield case, instance, caller
                transaction.set_rollback(True)


class _Made:
    """The first scene of this process: making it takes as long as many an operation on it."""

    scene: ClassVar[Scene | None] = None
    rows: ClassVar[installed.Copies] = {}


def make() -> Scene:
    """In an empty database; after the first time, with the rows of that time."""
    if _Made.scene is None:
        before = installed.filled_tables()
        _Made.scene = _play()
        _Made.rows = installed.copy_out(installed.filled_tables() - before)
    else:
        installed.copy_in(_Made.rows)
    return _Made.scene


def _play() -> Scene:
    people = {
        name: person(f"holds-{number}", *grants) for number, (name, grants) in enumerate(GRANTS.items())
    }
    asked = builders.role("Asked")
    version = builders.publish(_steps(asked, _BROKEN))
    made = {state: builders.run(version) for state in EVERY}
    root = person("root", "/")
    _decide(made, asked, root)
    guid = version.definition.guid
    definitions.save_steps(guid, _steps(asked, _MENDED), actor=builders.actor(root))
    definitions.publish(guid, actor=builders.actor(root))
    reached = {state: builders.reload(each) for state, each in made.items()}
    return Scene(reached, people, asked, {each.pk: _session_of(each) for each in people.values()})


def _steps(asked: Role, configuration: dict[str, Any]) -> list[builders.Step]:
    """An approval that calls its role by its name, and a step that fails."""
    asking = builders.approval(STEP, roles=[])
    asking["Signals"] = [{"SignalName": "ApprovalStatus", "RoleTokens": [asked.name]}]
    broken = builders.step("SetVariable", "Broken", ConfigurationParameters=configuration)
    return builders.chain(asking, broken)


def _decide(made: dict[str, Instance], asked: Role, root: User) -> None:
    """Bring each to its state."""
    decider = person("decider")
    asked.members.add(decider)
    instances.stop(made[STOPPED].guid, actor=builders.actor(root))
    approvals.deny(made[DENIED].guid, actor=builders.actor(decider), step_name=STEP)
    approvals.approve(made[FAILED].guid, actor=builders.actor(decider), step_name=STEP)
    builders.run_until_quiet()


def _session_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value
