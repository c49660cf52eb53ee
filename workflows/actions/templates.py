"""Certificate templates: what an administrator may change of them (events-security-audit.md, 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.freshness import check_seen, etag_of
from workflows.errors import InvalidInput, NotFound
from workflows.models import CertificateTemplate, Role, TemplateRegex
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission
from workflows.workflow_types.enrollment import profile_of

EDITABLE = (
    "display_name",
    "allowed_enrollment_types",
    "key_specs",
    "validity_days",
    "key_usage",
    "allow_wildcards",
    "require_san",
    "key_retention",
    "enrollment_fields",
    "use_allowed_requesters",
)
Rule = Mapping[str, str]


def visible(actor: Actor) -> QuerySet[CertificateTemplate]:
    """Every template with its rules. Raises PermissionMissing."""
    rows = CertificateTemplate.objects.select_related("certificate_authority")
    rows = rows.prefetch_related("regexes", "allowed_requesters")
    return policies.restrict(rows, actor, Permission.CERTIFICATE_TEMPLATES_READ)


def find(template_id: int, *, actor: Actor) -> CertificateTemplate:
    """One template. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).filter(pk=template_id).first(), template_id)


def update(
    template_id: int,
    *,
    actor: Actor,
    expected: str | None = None,
    regexes: Sequence[Rule] | None = None,
    allowed_requesters: Sequence[str] | None = None,
    **values: Any,
) -> CertificateTemplate:
    """Change what is given; a rule is `subject_part`, `regex` and `error`, a requester the name of a role.

    Raises InvalidInput when no certificate could be issued by the result, VersionConflict unless `expected`
    is the template's `etag`.
    """
    policies.require(actor, Permission.CERTIFICATE_TEMPLATES_MODIFY)
    with transaction.atomic():
        template = _found(
            CertificateTemplate.objects.select_for_update().filter(pk=template_id).first(), template_id
        )
        before = summary(template)
        check_seen(expected, before)
        for name, value in values.items():
            setattr(template, name, value)
        template.save()
        if regexes is not None:
            _replace_regexes(template, regexes)
        if allowed_requesters is not None:
            template.allowed_requesters.set(_roles(allowed_requesters))
        profile_of(template)
        _audit(template, actor, before=before, after=summary(template))
    return template


def etag(template: CertificateTemplate) -> str:
    return etag_of(summary(template))


def summary(template: CertificateTemplate) -> dict[str, Any]:
    """What audit entries say of a template."""
    rules = [f"{rule.subject_part}: {rule.regex}" for rule in template.regexes.order_by("subject_part")]
    requesters = sorted(role.name for role in template.allowed_requesters.all())
    values = {name: getattr(template, name) for name in EDITABLE}
    return values | {"regexes": rules, "allowed_requesters": requesters}


def _replace_regexes(template: CertificateTemplate, rules: Sequence[Rule]) -> None:
    parts = [rule["subject_part"].casefold() for rule in rules]
    if len(set(parts)) < len(parts):
        raise InvalidInput("TemplateRegexes has two rules for the same SubjectPart; keep one.")
    template.regexes.all().delete()
    TemplateRegex.objects.bulk_create(TemplateRegex(template=template, **rule) for rule in rules)


def _roles(names: Sequence[str]) -> list[Role]:
    roles = {role.name.casefold(): role for role in Role.objects.all()}
    if unknown := [name for name in names if name.casefold() not in roles]:
        raise InvalidInput(f"AllowedRequesters: there is no role named {', '.join(unknown)}.")
    return [roles[name.casefold()] for name in names]


def _found(template: CertificateTemplate | None, template_id: int) -> CertificateTemplate:
    if template is None:
        raise NotFound(f"There is no template with id {template_id}.")
    return template


def _audit(template: CertificateTemplate, actor: Actor, **states: Any) -> None:
    audit.record(
        Operation.Updated,
        Category.Template,
        actor=actor,
        name=template.common_name,
        identifier=template.pk,
        **states,
    )
