"""/EnrollmentPatterns: the default pattern of each template, read only (events-security-audit.md, 3.1)."""

from __future__ import annotations

from django.db.models import QuerySet

from workflows.actions import enrollment_patterns
from workflows.api.serializers.enrollment_patterns import EnrollmentPattern
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import CertificateTemplate
from workflows.search import kinds
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import Permission

READ = Permission.ENROLLMENT_PATTERN_READ
FIELDS = Fields([Field("Id", "pk", kinds.Integer()), Field("Name", "common_name")])


class EnrollmentPatterns(View):
    @listing(EnrollmentPattern, fields=FIELDS, sort="Name", permission=READ)
    def get(self) -> QuerySet[CertificateTemplate]:
        """The default pattern of each template; there are no others."""
        return enrollment_patterns.visible(self.actor)


class OneEnrollmentPattern(View):
    @operation(answer=EnrollmentPattern, permission=READ)
    def get(self, pattern_id: int) -> CertificateTemplate:
        """One pattern; its id is that of its template."""
        return enrollment_patterns.find(pattern_id, actor=self.actor)


routes = [
    route("EnrollmentPatterns", EnrollmentPatterns),
    route("EnrollmentPatterns/<int:pattern_id>", OneEnrollmentPattern),
]
