"""Whether the templates that a definition serves have the enrollment fields that its steps set."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine import foresight
from workflows.models import CertificateTemplate, DefinitionVersion
from workflows.vocabulary.workflow_types import WorkflowType

EXTENSION = "SetAdditionalAttributes"


def unknown_fields(version: DefinitionVersion) -> list[str]:
    """Fields that the step would set in vain; a definition without keys may meet any template."""
    asked = list(_asked(version))
    templates = _templates(version) if asked else []
    return [
        f"Step '{step}' sets the field '{field}', which the template {template.common_name} does not have; "
        "correct its name, or give the template such a field."
        for step, field in asked
        for template in templates
        if field.casefold() not in {each["Name"].casefold() for each in template.enrollment_fields}
    ]


def _asked(version: DefinitionVersion) -> Iterator[tuple[str, str]]:
    for step, step_type in foresight.enabled(version.steps):
        if step_type.extension_name == EXTENSION:
            values = foresight.values_of(step, step_type)["Attributes"]
            yield from ((step["UniqueName"], name) for name, value in values.items() if value)


def _templates(version: DefinitionVersion) -> list[CertificateTemplate]:
    if version.definition.workflow_type != WorkflowType.Enrollment:
        return []
    keys = [key.value for key in version.definition.keys.all() if key.value.isdecimal()]
    return list(CertificateTemplate.objects.filter(pk__in=keys).order_by("common_name"))
