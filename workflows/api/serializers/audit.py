"""Entries of the audit log (api-contract.md, 6, Audit log)."""

from __future__ import annotations

from rest_framework import serializers

from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Category, Level, Operation


class AuditRow(Serializer):
    """An entry as lists show it; its message is composed, not stored (events-security-audit.md, 1.3)."""

    Id = Integer(source="pk")
    Timestamp = serializers.DateTimeField()
    Message = serializers.SerializerMethodField()
    Signature = serializers.SerializerMethodField()
    Category = EnumField(Category)
    Operation = EnumField(Operation)
    Level = EnumField(Level)
    User = Text(source="user_name")
    EntityType = Text()
    AuditIdentifier = Text()
    ImmutableIdentifier = Text()
    RequestId = Text(help_text="The call that made the change; empty for scheduled work.")

    def get_Message(self, entry: AuditEntry) -> str:  # noqa: N802
        done, category = Operation(entry.operation).name, Category(entry.category).name
        return f"The user '{entry.user_name}' {done} {category}, '{entry.audit_identifier}'"

    def get_Signature(self, entry: AuditEntry) -> str:  # noqa: N802
        return bytes(entry.mac).hex()


class AuditDetails(AuditRow):
    """An entry with the state before and after."""

    Before = FreeMap(allow_null=True)
    After = FreeMap(allow_null=True)
