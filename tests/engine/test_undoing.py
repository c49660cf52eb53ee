"""What a transactional step has written commits with its outcome, also a failure; an error undoes it."""

from __future__ import annotations

import pytest

from tests import builders
from workflows.engine import registry
from workflows.engine.contracts import Continue, Effects, Fail, Outcome, StepContext, StepType
from workflows.errors import InvalidInput
from workflows.models import Instance, Role
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


def run(monkeypatch: pytest.MonkeyPatch, ending: Outcome | Exception) -> Instance:
    """One step that writes a row and ends like this."""

    class WritingStep(StepType):
        extension_name = "WritingStep"
        display_name = "Write"
        effects = Effects.TRANSACTIONAL

        def run(self, context: StepContext) -> Outcome:
            Role.objects.create(name="written by a step")
            if isinstance(ending, Exception):
                raise ending
            return ending

    monkeypatch.setitem(registry._steps, "writingstep", WritingStep())
    return builders.run(builders.publish(builders.chain(builders.step("WritingStep", "Write"))))


@pytest.mark.parametrize("ending", [Continue(), Fail("no luck")], ids=["Continue", "Fail"])
def test_what_was_written_stays_with_an_outcome(monkeypatch: pytest.MonkeyPatch, ending: Outcome) -> None:
    run(monkeypatch, ending)
    assert Role.objects.exists()


@pytest.mark.parametrize("ending", [InvalidInput("no luck"), ZeroDivisionError()], ids=["ours", "a bug"])
def test_an_error_leaves_nothing(monkeypatch: pytest.MonkeyPatch, ending: Exception) -> None:
    instance = run(monkeypatch, ending)
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message.startswith("Step 'Write' failed: ")
    assert not Role.objects.exists()
