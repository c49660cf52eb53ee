"""Certificate templates (api-contract.md, 6, Templates)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from workflows.actions import templates
from workflows.api.serializers import templates as shapes
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import CertificateTemplate
from workflows.search import kinds
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import Permission

READ, MODIFY = Permission.CERTIFICATE_TEMPLATES_READ, Permission.CERTIFICATE_TEMPLATES_MODIFY
FIELDS = Fields(
    [
        Field("CommonName", "common_name"),
        Field("TemplateName", "common_name"),
        Field("DisplayName", "display_name"),
        Field("FriendlyName", "display_name"),
        Field("Oid", "oid"),
        Field("Id", "pk", kinds.Integer()),
    ]
)


class Templates(View):
    @listing(shapes.TemplateRow, fields=FIELDS, sort="CommonName", permission=READ)
    def get(self) -> QuerySet[CertificateTemplate]:
        """Templates."""
        return templates.visible(self.actor)

    @operation(
        body=shapes.TemplateUpdate,
        answer=shapes.TemplateDetails,
        permission=MODIFY,
        etag=templates.etag,
        if_match=True,
    )
    def put(self, body: dict[str, Any], expected: str | None) -> CertificateTemplate:
        """Change a template; what is left out stays."""
        return templates.update(body.pop("id"), actor=self.actor, expected=expected, **body)


class OneTemplate(View):
    @operation(answer=shapes.TemplateDetails, permission=READ, etag=templates.etag)
    def get(self, template_id: int) -> CertificateTemplate:
        """One template with its policy."""
        return templates.find(template_id, actor=self.actor)


routes = [
    route("Templates", Templates),
    route("Templates/<int:template_id>", OneTemplate),
]
