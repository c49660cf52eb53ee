"""What a workflow type promises the engine: a file in `workflows/workflow_types/` with one subclass each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from workflows.engine.contracts import InstanceFacts
from workflows.vocabulary.tokens import Token, token
from workflows.vocabulary.workflow_types import WorkflowType

Alias = Callable[[Mapping[str, Any]], Any]


class WorkflowTypeSpec:
    """What one workflow type is: its key, the data it brings, its tokens, its built-in step."""

    name: ClassVar[WorkflowType]
    display_name: ClassVar[str]
    key_type: ClassVar[str]
    context_parameters: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[Mapping[str, Alias]] = {}
    brings: ClassVar[tuple[str, ...]] = ()  # further names of the data that an instance begins with
    later: ClassVar[frozenset[str]] = frozenset()  # the tokens that only steps set
    sometimes: ClassVar[Mapping[str, str]] = {}  # tokens that only some instances have, and which those are
    approved: ClassVar[frozenset[str]] = frozenset()  # the data that approvals are bound to
    built_in_step: ClassVar[str | None] = None  # extension appended when missing (D12)
    has_global: ClassVar[bool] = False

    @property
    def tokens(self) -> list[Token]:
        """Its `context_parameters` with what they mean."""
        return [token(name) for name in self.context_parameters]

    @property
    def always(self) -> frozenset[str]:
        """The names of all data and tokens that every instance has from the beginning."""
        return (
            frozenset({*self.context_parameters, *self.aliases, *self.brings})
            - self.later
            - {*self.sometimes}
        )

    def key_display_name(self, key: str) -> str:
        """The name of what the key means; raises InvalidInput when there is no such thing."""
        raise NotImplementedError  # abstract

    def key_display_names(self, keys: Collection[str]) -> Mapping[str, str]:
        """Names by key, for lists; types whose names are rows read them at once, less those gone."""
        return {key: self.key_display_name(key) for key in keys}

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        """Who and what, in a sentence (workflow-instances.md, 2.4)."""
        raise NotImplementedError  # abstract

    def content_digest(self, instance: InstanceFacts, data: Mapping[str, Any]) -> str:
        """Digest of exactly what an approval would let happen; empty where nothing is issued or revoked."""
        return ""
