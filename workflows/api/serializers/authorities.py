"""Certificate authorities (api-contract.md, 6); what only other kinds of CA have is left out or empty."""

from __future__ import annotations

from rest_framework import serializers

from workflows.api.serializers.base import Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.models import CertificateAuthority
from workflows.vocabulary.enrollment import EnrollmentType, KeyRetentionPolicy


class AuthorityAnswer(Serializer):
    Id = Integer(source="pk")
    LogicalName = Text()
    HostName = Text()
    Kind = Text(help_text="The connector that signs: `builtin` for a CA of Countersign's own.")
    IssuerDN = Text()
    IsEnabled = serializers.BooleanField()
    Standalone = serializers.BooleanField(default=True)
    AllowedEnrollmentTypes = EnumField(EnrollmentType)
    KeyRetention = EnumField(KeyRetentionPolicy, default=KeyRetentionPolicy.Disabled)
    UseAllowedRequesters = serializers.BooleanField(default=False)
    AllowedRequesters = serializers.ListField(child=Text(), default=list)
    CrlUrl = Text()
    CertificateUrl = Text()
    ChainPem = Text(help_text="The CA's own certificate first, then its issuers.")
    NextCrlNumber = Integer()
    HasKey = serializers.SerializerMethodField()

    def get_HasKey(self, authority: CertificateAuthority) -> bool:  # noqa: N802
        return authority.private_key_id is not None
