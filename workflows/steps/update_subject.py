"""Update Subject: rewrites subject and SANs before they are issued (workflow-definitions.md, 3.4).

Approvals are bound to their content: after an approval, a rewrite makes the enroll step fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cryptography import x509

from workflows.engine.contracts import Continue, Outcome, Parameter, StepContext, StepType
from workflows.engine.expressions.places import Place
from workflows.engine.expressions.tokens import find_tokens
from workflows.engine.registry import register_step
from workflows.errors import InvalidName
from workflows.pki import attributes, names, sans
from workflows.vocabulary.parameters import ControlType, ParameterType
from workflows.vocabulary.workflow_types import WorkflowType


@register_step
class UpdateSubject(StepType):
    extension_name = "UpdateSubject"
    display_name = "Update Subject and SANs"
    summary = "Changes the subject and the alternative names that the certificate will have."
    workflow_types = frozenset({WorkflowType.Enrollment})
    parameters = (
        Parameter(
            "SubjectParts",
            "Parts of the subject",
            ParameterType.StringMap,
            ControlType.Map,
            default={},
            place=Place.TEXT,
            help="Such as O or OU to its value, or list of values; an empty one removes the part.",
        ),
        Parameter(
            "SANs",
            "Subject alternative names",
            ParameterType.StringMap,
            ControlType.Map,
            default={},
            place=Place.VALUE,
            help="Such as dns or ip to a value, or list of values; a token may give a list.",
        ),
        Parameter(
            "ReplaceSANs",
            "Replace the request's SANs",
            ParameterType.Boolean,
            ControlType.Checkbox,
            default=False,
            help="Otherwise they are added.",
        ),
    )

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({"Subject", "SANs"})

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        parts, others = parameters["SubjectParts"], parameters["SANs"]
        if not (parts or others or parameters["ReplaceSANs"]):
            return ["changes nothing; give SubjectParts, SANs or ReplaceSANs."]
        checks: list[Callable[[], object]] = [
            *(partial(_with_part, x509.Name([]), kind, _written(given)) for kind, given in parts.items()),
            *(partial(sans.check_key, kind) for kind in others),
            *(partial(sans.san, kind, text) for kind, given in others.items() for text in _written(given)),
        ]
        return list(dict.fromkeys(f"would fail: {why}" for check in checks if (why := _refusal(check))))

    def run(self, context: StepContext) -> Outcome:
        values, data = context.parameters, context.data
        subject = names.parse_name(data.get("Subject") or "")
        for kind, given in values["SubjectParts"].items():
            subject = _with_part(subject, kind, _texts(given))
        added = sans.parse_sans({kind: _texts(given) for kind, given in values["SANs"].items()})
        kept = () if values["ReplaceSANs"] else sans.parse_grouped(data.get("SANs"))
        return Continue(
            {
                "Subject": names.format_name(subject),
                "SANs": sans.grouped(sans.canonical([*kept, *added])),
            }
        )


def _with_part(subject: x509.Name, kind: str, values: list[str]) -> x509.Name:
    """The subject with these values of one part, where its first one stood; a new part is the last."""
    oid = attributes.oid_of(kind)
    others = [each for each in subject if each.oid != oid]
    place = next((number for number, each in enumerate(subject) if each.oid == oid), 0)
    new = [attributes.build_oid(oid, value) for value in reversed(values)]
    return x509.Name([*others[:place], *new, *others[place:]])


def _refusal(check: Callable[[], object]) -> str:
    try:
        check()
    except InvalidName as error:
        return str(error)
    return ""


def _written(given: Any) -> list[Any]:
    """The values that are known before a run; a kind without one is looked at all the same."""
    return [text for text in _texts(given) if not find_tokens(str(text))]


def _texts(given: Any) -> list[Any]:
    """One value or several, those of tokens that gave lists among them; empty ones count for nothing."""
    values = given if isinstance(given, list) else [given]
    each = (value if isinstance(value, list) else [value] for value in values)
    return [text for texts in each for text in texts if text != ""]
