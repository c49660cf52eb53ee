"""Certificate authorities (api-contract.md, 6, Certificate authorities)."""

from __future__ import annotations

from django.db.models import QuerySet

from workflows.actions import authorities
from workflows.api.serializers.authorities import AuthorityAnswer
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import CertificateAuthority
from workflows.search import kinds
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import Permission

READ = Permission.CERTIFICATE_AUTHORITIES_READ
FIELDS = Fields(
    [
        Field("LogicalName", "logical_name"),
        Field("HostName", "host_name"),
        Field("IssuerDN", "issuer_dn"),
        Field("Id", "pk", kinds.Integer()),
    ]
)


class Authorities(View):
    @listing(AuthorityAnswer, fields=FIELDS, sort="LogicalName", permission=READ)
    def get(self) -> QuerySet[CertificateAuthority]:
        """Certificate authorities."""
        return authorities.visible(self.actor)


class OneAuthority(View):
    @operation(answer=AuthorityAnswer, permission=READ)
    def get(self, authority_id: int) -> CertificateAuthority:
        """One certificate authority with its chain."""
        return authorities.find(authority_id, actor=self.actor)


class AuthorityCrl(View):
    @operation(permission=Permission.CERTIFICATE_AUTHORITIES_MODIFY)
    def post(self, authority_id: int) -> None:
        """Have a worker publish a CRL now; our own addition."""
        authorities.want_crl(authority_id, actor=self.actor)


routes = [
    route("CertificateAuthority", Authorities),
    route("CertificateAuthority/<int:authority_id>", OneAuthority),
    route("CertificateAuthority/<int:authority_id>/PublishCrl", AuthorityCrl),
]
