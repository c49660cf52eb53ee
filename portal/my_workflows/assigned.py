"""Assigned to Me (workflow-instances.md, 3.2): what waits for the person's signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal import listing, news
from portal.comparisons import Choices
from portal.counts import counted, shown_count
from portal.instance_columns import ASSIGNED
from portal.instance_searches import SEARCHED
from portal.listing import Filter, Sort
from portal.my_workflows.tab import Tab
from portal.navigation import may_sign, waiting_for
from portal.news import Following
from portal.presenters.assigned import waiting_rows
from portal.presenters.gone import gone_rows, left_rows, told
from portal.requests import PortalRequest
from portal.saved_searches import chosen_columns
from workflows.access import policies
from workflows.models import Instance
from workflows.search.instances import FIELDS

_ORDERS: Choices = (
    ("Title", _("Title")),
    ("DefinitionDisplayName", _("Definition")),
    ("InitiatingUserName", _("Started by")),
    ("StartDate", _("Started")),
)


def _show(request: PortalRequest, wanted: Filter) -> Mapping[str, Any]:
    """The longest waiting first, as runs are numbered when they begin, or in the order that is asked for."""
    asked = request.GET.get("sort", "")
    order = Sort(asked, bool(request.GET.get("descending"))) if asked in dict(_ORDERS) else None
    found = listing.find(_waiting(request).order_by("run_id"), wanted, request, FIELDS, order)
    newest = _waiting(request).order_by("-run_id").values_list("run_id", flat=True).first() or 0
    return {
        "page": found.page,
        "rows": waiting_rows(found.rows),
        "sort": found.sort,
        "orders": _ORDERS,
        "filter": found.filter,
        "news": news.news_of(request, newest, news.stamps_of(found.rows)),
    }


def _waiting(request: PortalRequest) -> QuerySet[Instance]:
    rows = Instance.objects.filter(policies.assigned_to(request.actor))
    return rows.select_related("record", "version")


def _following(request: PortalRequest) -> Following:
    """A row that waits no more stays where it is and says so, until the list is opened anew."""
    waiting = _waiting(request)
    others = waiting.exclude(pk__in=news.shown_by(request))
    return Following(
        count=lambda after: counted(others.filter(run_id__gt=after), news.MOST),
        words=_more_words,
        rows=waiting,
        cells="components/assigned_changes.html",
        context=lambda changed: {
            "rows": waiting_rows(changed),
            "columns": chosen_columns(request, ASSIGNED),
        },
        gone=lambda ids: _gone(request, ids),
        left=lambda ids: left_rows(ids, request.actor),
    )


def _gone(request: PortalRequest, ids: Sequence[int]) -> Mapping[str, Any]:
    """One that goes on after it left is written anew without a word."""
    before = news.left_before(request)
    rows = gone_rows(ids, request.actor, before=before)
    unheard = [row for row in rows if row.status is None or row.reference_id not in before]
    return {"gone": rows, "told": told(unheard)}


def _more_words(number: int) -> str:
    words = ngettext("%(n)s more waits for you. Show it", "%(n)s more wait for you. Show them", number)
    return words % {"n": shown_count(number, news.MOST)}


TAB = Tab(
    label=_("Assigned to Me"),
    part="components/assigned_queue.html",
    columns=ASSIGNED,
    fields=tuple(each for each in SEARCHED if each[0] != "Status"),
    known=FIELDS,
    example='Title -contains "keyexample" AND StartDate -ge "%TODAY-7%"',
    is_open=may_sign,
    show=_show,
    following=_following,
    waiting=waiting_for,
)
