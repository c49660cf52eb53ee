"""Steps that run for several instances of a turn at once: what they share, and what stays each one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests import builders
from tests.engine.step_types import Scripted
from workflows.engine import moving, registry, turns
from workflows.engine.contracts import Continue, Effects, Outcome, StepContext
from workflows.errors import InvalidInput
from workflows.models import Instance, Role
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


class Joint(Scripted):
    """Remembers how many instances each run was for."""

    is_joint = True

    def __init__(self, **attributes: Any) -> None:
        super().__init__(Effects.TRANSACTIONAL, write, **attributes)
        self.sizes: list[int] = []

    def run_all(self, contexts: Sequence[StepContext]) -> list[Outcome]:
        self.sizes.append(len(contexts))
        return super().run_all(contexts)


def write(context: StepContext) -> Outcome:
    """A row of the instance's own, then what its data say."""
    name = str(context.data["name"])
    Role.objects.create(name=f"{name} at {context.step.unique_name}")
    if name == "bug":
        raise ZeroDivisionError
    if name == "refused":
        raise InvalidInput("no luck")
    return Continue({"seen": name})


@pytest.fixture
def joint(monkeypatch: pytest.MonkeyPatch) -> Joint:
    monkeypatch.setattr(moving, "BUDGET", 600)  # a slow machine must not divide a turn
    step_type = Joint(extension_name="Joint")
    monkeypatch.setitem(registry._steps, "joint", step_type)
    return step_type


def start(*names: str, steps: int = 1, **data: Any) -> list[Instance]:
    chain = builders.chain(*(builders.step("Joint", f"Joint{number}") for number in range(steps)))
    version = builders.publish(chain)
    return [builders.start(version, {"name": name, **data}) for name in names]


def statuses(instances: Sequence[Instance]) -> list[str]:
    return [InstanceStatus(builders.reload(each).status).name for each in instances]


def test_instances_of_a_turn_run_together_each_with_its_own_outcome(joint: Joint) -> None:
    instances = start("a", "b", "c")
    turns.take_turn("interactive")
    assert joint.sizes == [3]
    assert statuses(instances) == ["Complete"] * 3
    assert [builders.reload(each).data["seen"] for each in instances] == ["a", "b", "c"]


def test_they_meet_again_at_the_next_such_step(joint: Joint) -> None:
    instances = start("a", "b", steps=2)
    turns.take_turn("interactive")
    assert joint.sizes == [2, 2]
    assert statuses(instances) == ["Complete"] * 2


def test_never_are_more_together_than_the_limit(joint: Joint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "TOGETHER", 2)
    start("a", "b", "c", "d", "e")
    turns.take_turn("interactive")
    assert joint.sizes == [2, 2, 1]


@pytest.mark.parametrize("trouble", ["bug", "refused"])
def test_one_that_raises_fails_alone_and_leaves_nothing(joint: Joint, trouble: str) -> None:
    instances = start("a", trouble, "c")
    turns.take_turn("interactive")
    assert statuses(instances) == ["Complete", "Failed", "Complete"]
    assert set(Role.objects.values_list("name", flat=True)) == {"a at Joint0", "c at Joint0"}
    assert builders.reload(instances[1]).status_message.startswith("Step 'Joint0' failed: ")


def test_where_the_time_of_a_turn_is_over_they_go_on_in_the_next(
    joint: Joint, monkeypatch: pytest.MonkeyPatch
) -> None:
    instances = start("a", "b")
    monkeypatch.setattr(moving, "BUDGET", -1)
    turns.take_turn("interactive")
    assert (joint.sizes, statuses(instances)) == ([], ["Running"] * 2)
    monkeypatch.setattr(moving, "BUDGET", 600)
    turns.take_turn("interactive")
    assert statuses(instances) == ["Complete"] * 2


def test_a_slow_one_runs_alone(joint: Joint) -> None:
    instances = [*start("a", "b"), *start("c", slow=True)]
    turns.take_turn("interactive")
    assert joint.sizes == [2]  # the slow one by `run`
    assert statuses(instances) == ["Complete"] * 3
