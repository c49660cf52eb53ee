"""What happens after approval, step by step, in words (workflows/review.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.presenters.signatures import needed_at
from portal.presenters.steps import Step, ahead
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.engine import registry
from workflows.models import Role


@dataclass(frozen=True)
class NextStep:
    step: str
    extension: str
    text: str


def next_steps(steps: Mapping[str, Step], current: str, actor: Actor) -> list[NextStep]:
    """The steps that may follow `current`; those that do nothing or are switched off are left out.

    Conditions and recipients are named to who may read definitions.
    """
    follow = [step for step in ahead(steps, current) if step.enabled and step.extension != "NOOPStep"]
    roles = role_names(follow)
    reads = policies.reads_definitions(actor)
    return [NextStep(step.display_name, step.extension, _text(step, roles, reads)) for step in follow]


def role_names(steps: Sequence[Step]) -> dict[int, str]:
    """Names of the roles that the steps ask; one query."""
    ids = {role_id for step in steps for role_id in step.role_ids}
    return dict(Role.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def roles_of(step: Step, names: Mapping[int, str]) -> list[str]:
    """Who may answer the step: names of roles, and tokens that name a role when the step begins."""
    known = [names[role_id] for role_id in step.role_ids if role_id in names]
    return [*sorted(known), *step.role_tokens]


def _text(step: Step, roles: Mapping[int, str], reads: bool) -> str:
    text = _what(step, roles, reads)
    if not step.conditions:
        return text
    if not reads:
        return _("%(what)s Only under a condition.") % {"what": text}
    return _("%(what)s Only if %(condition)s") % {"what": text, "condition": " and ".join(step.conditions)}


def _what(step: Step, roles: Mapping[int, str], reads: bool) -> str:
    match step.extension:
        case "EnrollStep":
            return _("The CA signs exactly what is shown here.")
        case "RevokeStep":
            return _("The certificate is revoked, and the next CRL lists it.")
        case "Email" if reads:
            return _("Mail to %(people)s.") % {"people": _recipients(step)}
        case "RequireApproval":
            count, names = needed_at(step), ", ".join(roles_of(step, roles))
            words = ngettext("%(n)d more approval by %(roles)s.", "%(n)d more approvals by %(roles)s.", count)
            return words % {"n": count, "roles": names}
    step_type = registry.step_type(step.extension)
    return step_type.summary if step_type else ""


def _recipients(step: Step) -> str:
    recipients = step.parameters.get("Recipients") or []
    return ", ".join(recipients) if isinstance(recipients, list) else str(recipients)
