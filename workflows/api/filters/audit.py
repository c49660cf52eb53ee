"""What the audit log is narrowed by, as the portal's search offers it (events-security-audit.md, 1.5)."""

from __future__ import annotations

import django_filters

from workflows.api.filters.base import EnumFilter, FilterSet
from workflows.vocabulary.auditing import Category, Level, Operation


class AuditFilter(FilterSet):
    Category = EnumFilter("category", words=Category, label="Number or name, as SecurityRole.")
    Operation = EnumFilter("operation", words=Operation, label="Number or name, as Updated.")
    Level = EnumFilter("level", words=Level, label="Number or name, as Warning.")
    User = django_filters.CharFilter("user_name", "icontains", label="Part of the acting user's name.")
    From = django_filters.IsoDateTimeFilter("timestamp", "gte", label="Not before this moment.")
    To = django_filters.IsoDateTimeFilter("timestamp", "lt", label="Before this moment.")
