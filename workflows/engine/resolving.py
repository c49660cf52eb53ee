"""A step's parameters as its handler sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from workflows.engine import parameters
from workflows.engine.compiling import CompiledStep
from workflows.engine.contracts import Effects
from workflows.engine.expressions.places import Place
from workflows.engine.expressions.rendering import render_structure
from workflows.engine.workflow_type import Alias


class Resolved(Mapping[str, Any]):
    """Tokens are replaced by values when a parameter is asked for; secrets stay in their closed form."""

    def __init__(self, step: CompiledStep, data: Mapping[str, Any], aliases: Mapping[str, Alias]) -> None:
        self._step, self._data, self._aliases = step, data, aliases
        self._rendered = {parameter.name: (parameter, value) for parameter, value in step.rendered}
        self._secret = {parameter.name: (parameter, value) for parameter, value in step.secret}

    def __getitem__(self, name: str) -> Any:
        """Raises MissingToken and what else rendering raises."""
        if name in self._rendered:
            parameter, value = self._rendered[name]
            return render_structure(value, self._data, parameter.place or Place.TEXT, self._aliases)
        if name in self._secret:
            return parameters.unseal(*self._secret[name])
        return self._step.fixed[name]

    def __iter__(self) -> Iterator[str]:
        return chain(self._step.fixed, self._rendered, self._secret)

    def __len__(self) -> int:
        return len(self._step.fixed) + len(self._rendered) + len(self._secret)


def resolved(step: CompiledStep, data: Mapping[str, Any], aliases: Mapping[str, Alias]) -> Mapping[str, Any]:
    """All at once, so that a missing token stops the step before it does anything.

    A waiting step's mails tell of the end, such as `$(approvalsignalcmnts)`, so they are rendered only then.
    """
    if not step.rendered and not step.secret:
        return step.fixed
    found = Resolved(step, data, aliases)
    return found if step.type.effects is Effects.WAITING else dict(found)
