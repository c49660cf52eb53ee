"""The audit log; nothing writes or deletes here (events-security-audit.md, 1.4)."""

from __future__ import annotations

from django.db.models import QuerySet

from workflows.access import policies
from workflows.api.filters.audit import AuditFilter
from workflows.api.serializers.audit import AuditDetails, AuditRow
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.audit.macs import is_genuine
from workflows.errors import NotFound
from workflows.models import AuditEntry
from workflows.search import kinds
from workflows.search.accounts import Account
from workflows.search.fields import Field, Fields
from workflows.vocabulary.auditing import Category, Level, Operation
from workflows.vocabulary.permissions import Permission

READ = Permission.AUDITING_READ
FIELDS = Fields(
    [
        Field("Id", "pk", kinds.Integer()),
        Field("Timestamp", "timestamp", kinds.Date()),
        Field("Category", "category", kinds.Enum.of(Category)),
        Field("Operation", "operation", kinds.Enum.of(Operation)),
        Field("Level", "level", kinds.Enum.of(Level)),
        Field("User", "user_name", Account(), sortable=False),
        Field("AuditIdentifier", "audit_identifier", sortable=False),
        Field("ImmutableIdentifier", "immutable_identifier"),
        Field("RequestId", "request_id", sortable=False),
    ],
    narrowing="by Id, as Id -ge 1000, or by one more field; sort it by Id",
)


class Entries(View):
    @listing(AuditRow, fields=FIELDS, sort="Id", permission=READ, filters=AuditFilter)
    def get(self) -> QuerySet[AuditEntry]:
        """Audit entries."""
        return policies.restrict(AuditEntry.objects.all(), self.actor, READ)


class OneEntry(View):
    @operation(answer=AuditDetails, permission=READ)
    def get(self, entry_id: int) -> AuditEntry:
        """One entry with the state before and after."""
        return _entry(self, entry_id)


class Validation(View):
    @operation(answer=bool, permission=READ)
    def get(self, entry_id: int) -> bool:
        """Whether the entry is as it was written."""
        return is_genuine(_entry(self, entry_id))


def _entry(view: View, entry_id: int) -> AuditEntry:
    entry = policies.restrict(AuditEntry.objects.all(), view.actor, READ).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound(f"There is no audit entry with id {entry_id}.")
    return entry


routes = [
    route("Audit", Entries),
    route("Audit/RelatedEntities", Entries),
    route("Audit/<int:entry_id>", OneEntry),
    route("Audit/<int:entry_id>/Validate", Validation),
]
