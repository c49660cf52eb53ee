"""Update Metadata: sets one metadata field of the certificate (workflow-definitions.md, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import audit
from workflows.access.actors import Actor
from workflows.actions.metadata_values import value_problems
from workflows.engine.contracts import (
    Continue,
    Effects,
    Fail,
    Outcome,
    Parameter,
    Query,
    StepContext,
    StepType,
)
from workflows.engine.expressions.places import Place
from workflows.engine.expressions.tokens import find_tokens
from workflows.engine.registry import register_step
from workflows.models import Certificate, InstanceRecord, MetadataField
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.workflow_types import WorkflowType


@register_step
class UpdateMetadata(StepType):
    extension_name = "UpdateMetadata"
    display_name = "Update Metadata"
    summary = "Sets a metadata field of the certificate, or of the request while there is no certificate yet."
    effects = Effects.TRANSACTIONAL
    parameters = (
        Parameter("Name", "Metadata field", required=True, query=Query("/MetadataFields", "Name")),
        Parameter("Value", "Value", default="", place=Place.TEXT, help="Empty removes the field's value."),
    )

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({"Metadata"})

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        name, value = parameters["Name"], parameters["Value"]
        field = _field(name)
        if field is None:
            return [f"names the metadata field '{name}', which does not exist; see GET /MetadataFields."]
        return [] if find_tokens(value) else [f"would fail: {text}" for text in value_problems(field, value)]

    def run(self, context: StepContext) -> Outcome:
        name, value = context.parameters["Name"], context.parameters["Value"]
        field = _field(name)
        if field is None:
            return Fail(f"there is no metadata field '{name}'")
        if problems := value_problems(field, value):
            return Fail(f"{field.name} was not set: {' '.join(problems)}")
        return _set(context, field.name, value)


def _set(context: StepContext, name: str, value: str) -> Outcome:
    """In the certificate where there is one, and in the data, where tokens and the enroll step find it."""
    certificate_id = _certificate_id(context)
    if certificate_id is not None:
        if (certificate := _locked(certificate_id)) is None:
            return Fail(f"{name} was not set: certificate {certificate_id} does not exist any more")
        _store(certificate, name, value, context)
    elif context.instance.workflow_type != WorkflowType.Enrollment:
        return Fail(f"{name} was not set: this workflow is about no certificate")
    return Continue({"Metadata": _changed(context.data.get("Metadata") or {}, name, value)})


def _store(certificate: Certificate, name: str, value: str, context: StepContext) -> None:
    before = certificate.metadata
    certificate.metadata = _changed(before, name, value)
    certificate.save(update_fields=["metadata"])
    record = InstanceRecord.objects.get(pk=context.instance.id)
    audit.record(
        Operation.Updated,
        Category.Certificate,
        actor=Actor(context.instance.initiator_id, record.initiating_user_name),
        name=certificate.issued_dn or certificate.serial_number,
        identifier=certificate.pk,
        before={"Metadata": before},
        after={"Metadata": certificate.metadata},
    )


def _changed(metadata: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    others = {known: old for known, old in metadata.items() if known != name}
    return {**others, name: value} if value else others


def _field(name: str) -> MetadataField | None:
    return MetadataField.objects.filter(name__iexact=name).first()


def _certificate_id(context: StepContext) -> int | None:
    """The certificate that the instance, or its data under the new or the old name, is about."""
    data = context.data
    named = (context.instance.certificate_id, data.get("KeyfactorId"), data.get("CertificateId"))
    return next((int(each) for each in map(str, named) if each.isdecimal()), None)


def _locked(certificate_id: int) -> Certificate | None:
    return Certificate.objects.select_for_update(no_key=True).filter(pk=certificate_id).first()
