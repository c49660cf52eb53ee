"""Enrollment patterns (25 and later): each template has one, its default, under the template's own id.

Clients of that version enroll by a pattern's id instead of a template's name; what a pattern says is what the
template says.
"""

from __future__ import annotations

from django.db.models import QuerySet

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.errors import InvalidTemplate, NotFound
from workflows.models import CertificateTemplate
from workflows.vocabulary.permissions import Permission


def visible(actor: Actor) -> QuerySet[CertificateTemplate]:
    """The templates whose default patterns the actor may read: all. Raises PermissionMissing."""
    rows = CertificateTemplate.objects.select_related("certificate_authority")
    related = rows.prefetch_related("regexes", "allowed_requesters")
    return policies.restrict(related, actor, Permission.ENROLLMENT_PATTERN_READ)


def find(pattern_id: int, *, actor: Actor) -> CertificateTemplate:
    """The template of a pattern. Raises PermissionMissing, NotFound."""
    template = visible(actor).filter(pk=pattern_id).first()
    if template is None:
        raise NotFound(f"There is no enrollment pattern with id {pattern_id}.")
    return template


def template_name(pattern_id: int, given: str) -> str:
    """The template that a request by pattern means; raises InvalidTemplate when `given` is another one."""
    rows = CertificateTemplate.objects.filter(pk=pattern_id)
    name = rows.values_list("common_name", flat=True).first()
    if name is None:
        raise InvalidTemplate(
            f"There is no enrollment pattern {pattern_id}; GET /EnrollmentPatterns lists them."
        )
    if given and given.strip().casefold() != name.casefold():
        raise InvalidTemplate(
            f"Enrollment pattern {pattern_id} is that of the template {name}, not of {given[:60]}; send one."
        )
    return name
