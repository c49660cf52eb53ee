"""The tokens that a step's values may use: those of the workflow type, and what other steps set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.step_lists import Step
from workflows.engine import foresight, graph, registry
from workflows.vocabulary.tokens import Token


@dataclass(frozen=True)
class Offer:
    """Tokens of one origin, for `templates/definitions/step.html`."""

    title: str
    tokens: Sequence[Token]


def offered_tokens(workflow_type: str, steps: Sequence[Step], step: Step) -> list[Offer]:
    """What a value of `step`, which is one of `steps`, may use; variables are set by steps before it."""
    spec = registry.workflow_type(workflow_type)
    offers = [Offer(_("Tokens"), spec.tokens if spec else []), Offer(_("Variables"), _variables(steps, step))]
    return [offer for offer in offers if offer.tokens]


def _variables(steps: Sequence[Step], step: Step) -> list[Token]:
    before = graph.upstream(steps)[step["UniqueName"]]
    return [
        Token(name, name, _("Set by the step “%(step)s”.") % {"step": each["DisplayName"]})
        for each in steps
        if each["UniqueName"] in before
        for name in sorted(foresight.sets(each) or ())
    ]
