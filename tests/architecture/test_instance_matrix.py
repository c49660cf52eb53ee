"""Every permission by scope by operation on instances: API and pages, the stranger included.

A new URL below /Workflow/Instances, or a new page below /workflow, fails here until its row is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from tests.api.clients import ApiClient
from tests.architecture import instance_scene
from tests.architecture.instance_cases import (
    DENIED,
    EVERY,
    FAILED,
    MANAGE,
    MINE,
    PENDING,
    READ,
    STEP,
    STOPPED,
    WAITING,
    Case,
    cases,
    cases_of_no_instance,
    in_turn,
    of_list,
    of_managing,
    of_one,
    of_signal,
)
from tests.architecture.instance_scene import MARK, Scene
from tests.architecture.operations import operations
from tests.architecture.test_portal_access import PATTERNS
from workflows.access import policies
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db

Rule = Callable[[Case], int]
RESTARTABLE, FINISHED = (WAITING, STOPPED, FAILED), (STOPPED, DENIED, FAILED)
DECISION = {"Approved": "True", "Comment": ""}
KEY = {"SignalKey": f"{STEP}.ApprovalStatus"}
SIGNAL, FORM = {**KEY, "Data": DECISION}, {**KEY, **DECISION}


def managing(*possible_when: str, done: int, reads: bool = False) -> Rule:
    return lambda case: of_managing(case, done=done, possible_when=possible_when, reads=reads)


def listing(*permissions: str) -> Rule:
    return lambda case: of_list(case, *permissions)


API: dict[str, Rule] = {
    "GET /Workflow/Instances": listing(READ),
    "GET /Workflow/Instances/My": listing(READ, MINE),
    "GET /Workflow/Instances/AssignedToMe": listing(READ, PENDING),
    "GET /Workflow/Instances/Decisions": listing(READ, PENDING),
    "GET /Workflow/Instances/{instance_id}": of_one,
    "GET /Workflow/Instances/{instance_id}/History": of_one,
    "GET /Workflow/Instances/{instance_id}/Restart": managing(*RESTARTABLE, done=200, reads=True),
    "DELETE /Workflow/Instances/{instance_id}": managing(*FINISHED, done=204),
    "POST /Workflow/Instances/{instance_id}/Stop": managing(WAITING, done=204),
    "POST /Workflow/Instances/{instance_id}/Restart": managing(*RESTARTABLE, done=204, reads=True),
    "POST /Workflow/Instances/{instance_id}/Signals": lambda case: of_signal(case, done=204),
    # Of many: the refusal of one stands in its result.
    "POST /Workflow/Instances/Stop": managing(*EVERY, done=200),
    "POST /Workflow/Instances/Restart": managing(*EVERY, done=200, reads=True),
    "POST /Workflow/Instances/Delete": managing(*EVERY, done=200),
    "GET /Workflow/Instances/Purge": managing(*EVERY, done=200),
    "POST /Workflow/Instances/Purge": managing(*EVERY, done=200),
}
# Whether a list that may be read shows the instance.
SHOWN: dict[str, Callable[[Case], bool]] = {
    "GET /Workflow/Instances": lambda case: True,
    "GET /Workflow/Instances/My": lambda case: case.is_own,
    "GET /Workflow/Instances/AssignedToMe": lambda case: case.is_assigned,
    "GET /Workflow/Instances/Decisions": lambda case: False,
}


@pytest.fixture
def scene() -> Scene:
    return instance_scene.make()


def leaks(answer: HttpResponse, case: Case) -> bool:
    """Whether it shows how a step is configured to who may read no definitions."""
    return MARK.encode() in answer.getvalue() and not case.holds(*policies.DEFINITION_READS)


def test_each_instance_of_the_scene_stands_as_its_name_says(scene: Scene) -> None:
    found = {state: InstanceStatus(each.status).name for state, each in scene.instances.items()}
    assert found == {WAITING: "Suspended", STOPPED: "Rejected", DENIED: "Rejected", FAILED: "Failed"}


def test_every_operation_on_instances_has_its_row() -> None:
    assert {str(each) for each in operations() if each.path.startswith("Workflow/Instances")} == set(API)


@pytest.mark.parametrize("operation", API)
def test_the_api(operation: str, scene: Scene) -> None:
    verb, _, template = operation.partition(" /")
    wrong = []
    wanted = cases_of_no_instance() if "Purge" in template else cases()
    for case, instance, caller in scene.each(in_turn(wanted, operation)):
        path = template.replace("{instance_id}", str(instance.guid)).replace("Purge", "Purge?Days=1")
        answer = ApiClient(caller.username).call(verb, path, body_of(operation, instance))
        expected = (API[operation](case), operation in SHOWN and SHOWN[operation](case))
        found = (answer.status_code, shows(answer, instance))
        if found != (expected[0], expected[1] and expected[0] == 200) or leaks(answer, case):
            wrong.append((case, answer.status_code, expected, answer.content[:200]))
    assert wrong == []


def body_of(operation: str, instance: Instance) -> Any:
    if operation.endswith("/Signals"):
        return SIGNAL
    if operation.endswith("/Purge"):
        return {"Days": 1} if operation.startswith("POST") else None
    is_of_many = operation.startswith("POST") and "{" not in operation
    return {"Ids": [str(instance.guid)]} if is_of_many else None


def shows(answer: HttpResponse, instance: Instance) -> bool:
    rows = answer.json() if answer.content else None
    return isinstance(rows, list) and str(instance.guid) in [row["Id"] for row in rows]


def confirming(*possible_when: str, reads: bool = False) -> tuple[Rule, Rule]:
    """A page that asks whoever manages and may see the instance, and carries out what is possible."""

    def asked(case: Case) -> int:
        answer = of_one(case) if case.holds(MANAGE) else 403
        return 403 if answer == 200 and reads and not case.holds(READ) else answer

    def confirmed(case: Case) -> int:
        answer = of_managing(case, done=302, possible_when=possible_when, reads=reads)
        return answer if answer != 409 or case.is_seen else asked(case)

    return asked, confirmed


def not_allowed(case: Case) -> int:
    return 405


def only_get(rule: Rule) -> tuple[Rule, Rule]:
    return rule, not_allowed


def leading(permission: str) -> Rule:
    return lambda case: 302 if case.holds(permission) else 403


def only_post(rule: Rule) -> tuple[Rule, Rule]:
    return not_allowed, rule


# What GET and POST answer.
PAGES: dict[str, tuple[Rule, Rule]] = {
    "my_workflows": only_get(listing(READ, MINE, PENDING)),
    # Who was asked learns there what became of it, whatever else he may see.
    "review": (
        lambda case: 200 if "asked" in case.relation else of_one(case),
        lambda case: of_signal(case, done=302),
    ),
    "lint": only_get(lambda case: 404),  # it issues nothing
    "instances": only_get(listing(READ)),
    "instances_csv": only_get(listing(READ)),
    # Without a tick or a name these lead back to the list.
    "instances_selected": (leading(READ), leading(READ)),
    # What this matrix posts has no bounds.
    "instances_purge": (listing(MANAGE), lambda case: 400 if case.holds(MANAGE) else 403),
    "instance_columns": only_post(leading(READ)),
    "instance_searches": only_post(lambda case: 400 if case.holds(READ) else 403),  # it has no name
    "instance_search": (lambda case: 404, lambda case: 404),  # nobody has one
    "review_by_reference": only_get(
        lambda case: 302 if "asked" in case.relation or of_one(case) == 200 else of_one(case)
    ),
    "instance": only_get(of_one),
    "instance_by_reference": only_get(lambda case: 302 if of_one(case) == 200 else of_one(case)),
    "instance_definition": only_get(of_one),
    "instance_stop": confirming(WAITING),
    "instance_restart": confirming(*RESTARTABLE, reads=True),
    "instance_delete": confirming(*FINISHED),
}


def test_every_page_of_instances_has_its_row() -> None:
    below = ("workflow/my", "workflow/instances")
    assert {name for name, path in PATTERNS.items() if path.startswith(below)} == set(PAGES)


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize("name", PAGES)
def test_the_pages(name: str, verb: str, scene: Scene) -> None:
    rule = PAGES[name][verb == "post"]
    wrong, visitors = [], scene.visitors()
    for case, instance, caller in scene.each(in_turn(cases_of(name, rule), f"{verb} {name}")):
        path = f"/{PATTERNS[name]}".replace("<uuid:guid>", str(instance.guid))
        path = path.replace("<int:search_id>", "0").replace("<int:reference_id>", str(instance.pk))
        answer = getattr(visitors[caller.pk], verb)(
            path, {**SIGNAL, **SIGNAL["Data"]} if verb == "post" else {}
        )  # type: ignore[dict-item]
        if answer.status_code != rule(case) or leaks(answer, case):
            wrong.append((case, answer.status_code, rule(case)))
    assert wrong == []


def cases_of(name: str, rule: Rule) -> Iterator[Case]:
    """All that may matter to the page: whom it knows only by URL, it cannot tell the state of."""
    if rule is not_allowed:
        return (case for case in cases_of_no_instance() if case.relation == "none")
    return cases() if "<" in PATTERNS[name] else cases_of_no_instance()


TICKED = {"stop": (WAITING,), "restart": RESTARTABLE, "delete": FINISHED}


@pytest.mark.parametrize("operation", TICKED)
def test_the_toolbar(operation: str, scene: Scene) -> None:
    """Whoever may read the list and manage: 302 when all is done, 200 with what is to be said of each."""
    wrong, visitors = [], scene.visitors()
    for case, instance, caller in scene.each(in_turn(cases(), operation)):
        form = {"operation": operation, "instance": str(instance.guid)}
        answer = visitors[caller.pk].post("/workflow/instances/selected", form)
        allowed = case.holds(READ) and case.holds(MANAGE)
        is_plain = operation != "restart" and case.state in TICKED[operation]  # a restart names the new one
        expected = 403 if not allowed else 302 if is_plain else 200
        if answer.status_code != expected:
            wrong.append((case, answer.status_code, expected))
    assert wrong == []
