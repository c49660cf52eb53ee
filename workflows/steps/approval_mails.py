"""The mails of an approval: to those who are asked, and about the outcome. None of them decides a wait.

A mail whose tokens have no values is kept as a failed one, with the reason, among the mails of the instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import structlog
from django.db import Error as DatabaseError

from workflows.engine import registry
from workflows.engine.contracts import Decision, Outcome, Parameter, Reject, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.resolving import resolved
from workflows.errors import DomainError
from workflows.models import Role, SignalDecision
from workflows.notifications import note_unwritten, notify, notify_each, with_review_link
from workflows.notifications.recipients import People, approvers, unreachable
from workflows.vocabulary.parameters import ControlType, ParameterType

log = structlog.get_logger(__name__)

COMMENTS = "approvalsignalcmnts"
SUBJECTS = {
    "Denial": "A request was denied",
    "Approval": "A request was approved",
    "Notify": "Your approval is awaited",
}


def _outcome_mail(kind: str) -> tuple[Parameter, ...]:
    """Subject, message and recipients of the mail about one outcome (D9)."""
    return (
        Parameter(
            f"{kind}EmailSubject", f"{kind} e-mail subject", default=SUBJECTS[kind], place=Place.SUBJECT
        ),
        Parameter(
            f"{kind}EmailMessage", f"{kind} e-mail message", control=ControlType.TextArea, place=Place.HTML
        ),
        Parameter(
            f"{kind}EmailRecipients",
            f"{kind} e-mail recipients",
            type=ParameterType.StringArray,
            control=ControlType.List,
            place=Place.ADDRESS,
        ),
    )


OUTCOMES = (*_outcome_mail("Denial"), *_outcome_mail("Approval"))
APPROVERS = (
    Parameter(
        "NotifyApprovers",
        "Tell the approvers",
        ParameterType.Boolean,
        ControlType.Checkbox,
        default=False,
        help="By mail, when the wait begins.",
    ),
    Parameter(
        "NotifyEmailSubject",
        "Subject of mails to approvers",
        default=SUBJECTS["Notify"],
        place=Place.SUBJECT,
    ),
    Parameter(
        "NotifyEmailMessage",
        "Message of mails to approvers",
        control=ControlType.TextArea,
        default="<p>A request waits for your approval.</p>",
        place=Place.HTML,
    ),
)


def problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Recipients written out that would get no mail, each as the end of a sentence."""
    for kind in ("Denial", "Approval"):
        for problem in unreachable(values[f"{kind}EmailRecipients"] or []):
            yield f"would reach nobody by {kind}EmailRecipients: {problem}"


def ask(context: StepContext, roles: Iterable[Role], *, excluded: People, kind: str = "") -> None:
    """Tell the people of these roles that their decision is awaited, and where they give it.

    Not the `excluded`, whose answer would be refused, nor those who have given theirs.
    """
    asked = list(roles)
    names = [f"role:{role.name}" for role in asked]

    def write(values: Mapping[str, Any]) -> None:
        html = with_review_link(values["NotifyEmailMessage"], context.instance.guid)
        subject = f"{kind}{_subject(values, 'Notify')}"
        people = approvers(asked, excluded=excluded, answered=_answered(context))
        notify_each(people, subject, html, instance_id=context.instance.id, now=context.now)

    _attempt(context, {COMMENTS: "", **context.data}, write, "Notify", names)


def tell(context: StepContext, outcome: Outcome, decisions: Sequence[Decision]) -> None:
    """Tell whom the definition names how it ended; without an answer there are no comments."""
    kind = "Denial" if isinstance(outcome, Reject) else "Approval"

    def write(values: Mapping[str, Any]) -> None:
        recipients = values[f"{kind}EmailRecipients"]
        if recipients:
            message = values[f"{kind}EmailMessage"] or ""
            subject = _subject(values, kind)
            notify(recipients, subject, message, instance_id=context.instance.id, now=context.now)

    comments = "\n".join(each.comment for each in decisions if each.comment)
    recipients = _as_written(context, f"{kind}EmailRecipients") or []
    _attempt(context, {**context.data, COMMENTS: comments}, write, kind, recipients)


def _answered(context: StepContext) -> People:
    answers = SignalDecision.objects.filter(instance=context.instance.id, step_name=context.step.unique_name)
    return list(answers.values_list("user", flat=True))


def _attempt(
    context: StepContext,
    data: Mapping[str, Any],
    write: Callable[[Mapping[str, Any]], None],
    kind: str,
    recipients: Sequence[str],
) -> None:
    """Write a mail with the step's parameters over `data`, or keep why that cannot be done."""
    try:
        write(resolved(context.step, data, registry.aliases(context.instance.workflow_type)))
    except DatabaseError:
        raise
    except DomainError as error:
        _note(context, kind, recipients, str(error))
    except Exception:
        log.exception("a mail cannot be written", instance=str(context.instance.guid))
        _note(context, kind, recipients, "An unexpected error; the log of the worker has the details.")


def _note(context: StepContext, kind: str, recipients: Sequence[str], why: str) -> None:
    subject = _as_written(context, f"{kind}EmailSubject") or SUBJECTS[kind]
    note_unwritten(recipients, subject, why, instance_id=context.instance.id, now=context.now)


def _subject(values: Mapping[str, Any], kind: str) -> str:
    """A mail without a subject is still sent: the one that nobody gave is a sentence of ours."""
    return str(values[f"{kind}EmailSubject"] or SUBJECTS[kind])


def _as_written(context: StepContext, name: str) -> Any:
    """The parameter before its tokens are replaced."""
    written = {parameter.name: value for parameter, value in context.step.rendered}
    return written.get(name, context.step.fixed.get(name))
