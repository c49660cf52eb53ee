"""Created by Me (workflow-instances.md, 3.2): what the person has started, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal import listing, news
from portal.counts import counted
from portal.instance_columns import CREATED
from portal.instance_searches import NEWEST_FIRST, SEARCHED
from portal.listing import Filter
from portal.my_workflows.tab import Tab, new_words
from portal.navigation import sees_own, way_to_enroll
from portal.news import Following
from portal.presenters.gone import deleted
from portal.presenters.instances import SHOWN, rows_with_certificates
from portal.requests import PortalRequest
from portal.saved_searches import chosen_columns
from workflows.access import policies
from workflows.models import Instance
from workflows.search.instances import FIELDS


def _show(request: PortalRequest, wanted: Filter) -> Mapping[str, Any]:
    newest = _own(request).order_by("-pk").values_list("pk", flat=True).first() or 0
    found = listing.find(_own(request), wanted, request, FIELDS, NEWEST_FIRST)
    return {
        "page": found.page,
        "rows": rows_with_certificates(found.rows, request.actor),
        "sort": found.sort,
        "filter": found.filter,
        "enroll_url": way_to_enroll(request.actor),
        "news": news.news_of(request, newest, news.stamps_of(found.rows)),
    }


def _own(request: PortalRequest) -> QuerySet[Instance]:
    return Instance.objects.filter(policies.created_by(request.actor)).select_related(*SHOWN)


def _following(request: PortalRequest) -> Following:
    own = _own(request)
    return Following(
        count=lambda after: counted(own.filter(pk__gt=after), news.MOST),
        words=new_words,
        rows=own,
        cells="components/my_changes.html",
        context=lambda changed: {
            "rows": rows_with_certificates(changed, request.actor),
            "columns": chosen_columns(request, CREATED),
        },
        gone=deleted,
    )


TAB = Tab(
    label=_("Created by Me"),
    part="components/my_table.html",
    columns=CREATED,
    fields=tuple(each for each in SEARCHED if each[0] != "InitiatingUserName"),
    known=FIELDS,
    example='Status -eq "Failed" AND StartDate -ge "%TODAY-30%"',
    is_open=sees_own,
    show=_show,
    following=_following,
)
