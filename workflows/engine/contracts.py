"""What the engine and its step types promise each other.

An outcome is a value; the runner alone acts on it. A handler gets a frozen context and never touches the
instance's row.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from workflows.engine.expressions.places import Place
from workflows.vocabulary.parameters import ControlType, ParameterType
from workflows.vocabulary.workflow_types import WorkflowType

if TYPE_CHECKING:
    from workflows.engine.compiling import CompiledStep

EMPTY: Mapping[str, Any] = {}


class Effects(enum.Enum):
    """What a step does to the world; decides how durable its run must be (design.md, 3)."""

    PURE = "pure"  # safe to run again
    TRANSACTIONAL = "transactional"  # rows in our database, committed with the step
    EXTERNAL = "external"  # intent committed first, call outside any transaction, result fenced
    WAITING = "waiting"  # people's signals, a time, the end of another instance


@dataclass(frozen=True, slots=True)
class Continue:
    """Done: `changes` enter the data, the instance follows `output`; `message` becomes its status message."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    output: str = "continue"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Suspended until enough signals came, or until `until`; Running where only the time is waited for.

    `changes` enter the data at once.

    A TRANSACTIONAL step may wait for a time, too, and runs anew when it has come.
    """

    message: str
    until: datetime | None = None
    content_digest: str = ""
    role_ids: tuple[int, ...] = ()
    allows_self: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    after: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Failed with `Step '<name>' failed: <reason>`, or with `message`, a text of the reference."""

    reason: str
    message: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str
    changes: Mapping[str, Any] = field(default_factory=dict)


Outcome = Continue | Wait | Retry | Fail | Reject


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """What a step may know about its instance besides the data."""

    id: int
    guid: uuid.UUID
    workflow_type: str
    definition_name: str
    initiator_id: int | None
    request_id: int | None
    certificate_id: int | None


@dataclass(frozen=True, slots=True)
class StepContext:
    instance: InstanceFacts
    step: CompiledStep
    data: Mapping[str, Any]
    parameters: Mapping[str, Any]
    now: datetime
    attempt: int = 1

    @property
    def idempotency_key(self) -> uuid.UUID:
        """The same for every attempt at this step of this instance."""
        return uuid.uuid5(self.instance.guid, self.step.unique_name)


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's answer to a waiting step."""

    user_id: int | None
    user_name: str
    approved: bool
    comment: str
    content_digest: str


class Query(NamedTuple):
    """A list of the API whose `field` holds the values that a parameter may have."""

    endpoint: str
    field: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One configuration parameter of a step type, as the catalogue describes it (contract, 2.2)."""

    name: str
    display_name: str
    type: ParameterType = ParameterType.String
    control: ControlType = ControlType.Text
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    place: Place | None = None  # where tokens are replaced; None: no tokens
    help: str = ""
    minimum: int | None = None
    maximum: int | None = None
    is_expression: bool = False  # reads tokens itself, as parts of a Python expression
    depends_on: Mapping[str, str | None] = field(default_factory=dict)  # counts only beside such a value
    query: Query | None = None

    @property
    def takes_tokens(self) -> bool:
        return self.place is not None or self.is_expression


@dataclass(frozen=True, slots=True)
class SignalSpec:
    """An input that a waiting step takes from people, with the data it expects."""

    name: str
    inputs: tuple[Parameter, ...] = ()


class StepType:
    """Base of every step type: a file in `workflows/steps/` with one subclass."""

    extension_name: ClassVar[str]
    display_name: ClassVar[str]
    summary: ClassVar[str] = ""
    effects: ClassVar[Effects] = Effects.PURE
    workflow_types: ClassVar[frozenset[WorkflowType] | None] = None  # None: all
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    signals: ClassVar[tuple[SignalSpec, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ("continue",)  # the first is followed when the step is passed over
    signs: ClassVar[bool] = False  # needs a worker that holds CA keys
    once: ClassVar[bool] = False  # at most one in a definition, no conditions
    is_joint: ClassVar[bool] = False  # `run_all` is for many instances of a turn what `run` is for each

    @property
    def supported_types(self) -> list[str]:
        """The workflow types whose definitions may hold such a step, by name."""
        return sorted(self.workflow_types or WorkflowType)

    @property
    def obstacle(self) -> str:
        """Why this installation cannot run such a step, which keeps it from being published; else empty."""
        return ""

    @property
    def shown_name(self) -> str:
        return f"{self.display_name} (not available here)" if self.obstacle else self.display_name

    def is_slow(self, context: StepContext) -> bool:
        """Whether a run may take long, so that it must not hold a batch's locks."""
        return False

    def deadline(self, context: StepContext) -> timedelta:
        """Total time of an outside call; the lease is this and a margin."""
        return timedelta(seconds=30)

    def material(self, context: StepContext) -> Mapping[str, Any]:
        """What an outside call needs from our database: read before it, handed to it as parameters."""
        return {}

    def place(self, parameter: Parameter, parameters: Mapping[str, Any]) -> Place | None:
        """Where the tokens of `parameter` stand, which may depend on the others; None: it takes none."""
        return parameter.place

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str] | None:
        """What a step called `name` adds to the data or changes in it; None when only its run tells."""
        return frozenset()

    def script(self, parameters: Mapping[str, Any]) -> str:
        """The text of the script that decides what the step sets; empty where it runs none."""
        return ""

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        """What is wrong with well-typed parameters, beyond what their types say."""
        return []

    def run(self, context: StepContext) -> Outcome:
        raise NotImplementedError  # abstract

    def run_all(self, contexts: Sequence[StepContext]) -> list[Outcome]:
        """The outcomes of different instances in their order, from statements that they share."""
        return [self.run(context) for context in contexts]


class WaitingStepType(StepType):
    """A step that waits for people, for a time, or for another instance."""

    effects = Effects.WAITING

    def begin(self, context: StepContext) -> Outcome:
        raise NotImplementedError  # abstract

    def tally(self, context: StepContext, decisions: Sequence[Decision]) -> Outcome:
        """What follows from the decisions so far, `Wait` when they do not suffice; changes nothing."""
        raise NotImplementedError  # abstract

    def due(self, context: StepContext, wait: Wait) -> Outcome:
        """What a worker that looks after the wait, as at its `until`, makes of it; may write mails."""
        return wait

    def ends_at(self, parameters: Mapping[str, Any], since: datetime) -> datetime | None:
        """When a wait for people that began at `since` is over without their answers; None: never."""
        return None

    def decided(self, context: StepContext, outcome: Outcome, decisions: Sequence[Decision]) -> None:
        """Write what goes with the end of the wait, such as mails, in the transaction that ends it."""
