"""Workflow → My Workflows: Assigned to Me, Created by Me (workflow-instances.md, 3.2) and Decided by Me."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal import listing, live, news, saved_searches
from portal.context import show
from portal.counts import counted, shown_count
from portal.instance_columns import OWN, Column, chosen_of_own
from portal.instance_searches import NEWEST_FIRST, SEARCHED
from portal.listing import Choices, Filter, Sort
from portal.navigation import may_sign, sees_own, waiting_words, way_to_enroll
from portal.news import Following
from portal.presenters.assigned import waiting_rows
from portal.presenters.decided import decided_row
from portal.presenters.instances import SHOWN, rows_with_certificates
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.decisions import past_decisions
from workflows.actions.searches import TAB, columns_in, searches_of
from workflows.models import Instance, SavedSearch
from workflows.search.decisions import FIELDS as DECISION_FIELDS
from workflows.search.fields import Fields
from workflows.search.instances import FIELDS
from workflows.vocabulary.permissions import Permission

ASSIGNED, CREATED, DECIDED = "assigned", "created", "decided"
EXAMPLES = {
    ASSIGNED: 'Title -contains "keyexample" AND StartDate -ge "%TODAY-7%"',
    CREATED: 'Status -eq "Failed" AND StartDate -ge "%TODAY-30%"',
    DECIDED: 'Approved -eq false AND DecidedOn -ge "%TODAY-30%"',
}
_OWN: Choices = tuple(each for each in SEARCHED if each[0] != "InitiatingUserName")
_WAITING: Choices = tuple(each for each in SEARCHED if each[0] != "Status")
_ORDERS: Choices = (
    ("Title", _("Title")),
    ("DefinitionDisplayName", _("Definition")),
    ("InitiatingUserName", _("Started by")),
    ("StartDate", _("Started")),
)
_ANSWERED: Choices = (
    ("Title", _("Title")),
    ("Approved", _("Approved (true or false)")),
    ("Comment", _("Comment")),
    ("DecidedOn", _("Decided")),
    ("InitiatingUserName", _("Started by")),
    ("Status", _("Status")),
    ("DefinitionDisplayName", _("Definition")),
    ("ReferenceId", _("Reference Id")),
)


@dataclass(frozen=True)
class Tab:
    """`is_open` says whether the person's permissions open it, and there can be anything in it."""

    name: str
    label: str | Promise
    fields: Choices
    known: Fields
    is_open: Callable[[Actor], bool]
    show: Callable[[PortalRequest, Filter], Mapping[str, Any]]
    following: Callable[[PortalRequest], Following]
    count: Callable[[Actor], str] = lambda _actor: ""


@live.followed
@require_safe
def my_workflows(request: PortalRequest) -> HttpResponse:
    policies.require(
        request.actor,
        Permission.WORKFLOW_INSTANCES_READ_PENDING,
        Permission.WORKFLOW_INSTANCES_READ_MINE,
    )
    tabs = [tab for tab in TABS if tab.is_open(request.actor)]
    tab = next((tab for tab in tabs if tab.name == request.GET.get("tab")), tabs[0])
    if news.is_asking(request):
        return news.answer(request, tab.following(request))
    found = tab.show(request, _filter(request, tab))
    context = {"tab": tab.name, "tabs": _links(request, tabs, tab), **_searches(request, tab), **found}
    return show(request, "workflows/my.html", context, status=400 if found["filter"].error else 200)


def _searches(request: PortalRequest, tab: Tab) -> dict[str, Any]:
    """The person's saved searches of this tab, which its first address need not name, and its columns."""
    address = request.GET.copy()
    address[TAB] = tab.name
    own = searches_of(request.actor)
    looks = saved_searches.above(own, address)
    if tab.name != CREATED:
        return {"views": "components/saved_searches.html", **looks}
    columns = {"columns": _columns(request, own), "all_columns": OWN}
    return {"views": "workflows/instance_views.html", **looks, **columns}


def _columns(request: PortalRequest, own: Sequence[SavedSearch]) -> list[Column]:
    """Those of the address, else those that the person likes for Created by Me."""
    return chosen_of_own(request.GET.getlist("columns") or columns_in(own, CREATED))


def _filter(request: PortalRequest, tab: Tab) -> Filter:
    wanted = listing.read_filter(
        request.GET, tab.fields, tab.known, place="portal:my_workflows", example=EXAMPLES[tab.name]
    )
    columns = [("columns", name) for name in request.GET.getlist("columns")]
    return replace(wanted, kept=[("tab", tab.name), *columns])


def _links(request: PortalRequest, tabs: list[Tab], current: Tab) -> list[Mapping[str, Any]]:
    url = reverse("portal:my_workflows")
    return [
        {
            "label": tab.label,
            "url": f"{url}?tab={tab.name}",
            "count": tab.count(request.actor),
            "is_current": tab is current,
        }
        for tab in tabs
    ]


def _assigned(request: PortalRequest, wanted: Filter) -> Mapping[str, Any]:
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
        "news": news.news_of(request, newest, {}),
    }


def _created(request: PortalRequest, wanted: Filter) -> Mapping[str, Any]:
    newest = _own(request).order_by("-pk").values_list("pk", flat=True).first() or 0
    found = listing.find(_own(request), wanted, request, FIELDS, NEWEST_FIRST)
    shown = rows_with_certificates(found.rows, request.actor)
    return {
        "page": found.page,
        "rows": shown,
        "sort": found.sort,
        "filter": found.filter,
        "enroll_url": way_to_enroll(request.actor),
        "news": news.news_of(request, newest, news.stamps_of(found.rows)),
    }


def _decided(request: PortalRequest, wanted: Filter) -> Mapping[str, Any]:
    last_first = Sort("DecidedOn", descending=True)
    own = past_decisions(request.actor)
    newest = own.order_by("-pk").values_list("pk", flat=True).first() or 0
    found = listing.find(own, wanted, request, DECISION_FIELDS, last_first)
    return {
        "page": found.page,
        "rows": [decided_row(each) for each in found.rows],
        "sort": found.sort,
        "filter": found.filter,
        "may_read": request.actor.may(Permission.WORKFLOW_INSTANCES_READ),
        "news": news.news_of(request, newest, news.stamps_of([each.instance for each in found.rows])),
    }


def _waiting(request: PortalRequest) -> QuerySet[Instance]:
    rows = Instance.objects.filter(policies.assigned_to(request.actor))
    return rows.select_related("record", "version")


def _own(request: PortalRequest) -> QuerySet[Instance]:
    return Instance.objects.filter(policies.created_by(request.actor)).select_related(*SHOWN)


def _following_assigned(request: PortalRequest) -> Following:
    """What was answered goes with the page; a row that goes while one reads it would be the worse."""
    waiting = _waiting(request)
    return Following(lambda after: counted(waiting.filter(run_id__gt=after), news.MOST), _more_words, waiting)


def _following_created(request: PortalRequest) -> Following:
    own = _own(request)
    return Following(
        count=lambda after: counted(own.filter(pk__gt=after), news.MOST),
        words=_new_words,
        rows=own,
        cells="components/my_changes.html",
        context=lambda changed: {
            "rows": rows_with_certificates(changed, request.actor),
            "columns": _columns(request, searches_of(request.actor)),
        },
    )


def _following_decided(request: PortalRequest) -> Following:
    own = past_decisions(request.actor)
    return Following(
        count=lambda after: counted(own.filter(pk__gt=after), news.MOST),
        words=_new_words,
        rows=Instance.objects.filter(pk__in=own.order_by().values("instance")),
        cells="components/decided_changes.html",
        context=lambda changed: {"rows": [decided_row(each) for each in own.filter(instance__in=changed)]},
    )


def _new_words(number: int) -> str:
    words = ngettext("%(n)s more. Show it", "%(n)s more. Show them", number)
    return words % {"n": shown_count(number, news.MOST)}


def _more_words(number: int) -> str:
    words = ngettext("%(n)s more waits for you. Show it", "%(n)s more wait for you. Show them", number)
    return words % {"n": shown_count(number, news.MOST)}


def _has_decided(actor: Actor) -> bool:
    """The tab opens with the first decision: who has none has nothing to look for there."""
    return may_sign(actor) and past_decisions(actor).exists()


TABS = (
    Tab(
        ASSIGNED,
        _("Assigned to Me"),
        _WAITING,
        FIELDS,
        may_sign,
        _assigned,
        _following_assigned,
        waiting_words,
    ),
    Tab(CREATED, _("Created by Me"), _OWN, FIELDS, sees_own, _created, _following_created),
    Tab(DECIDED, _("Decided by Me"), _ANSWERED, DECISION_FIELDS, _has_decided, _decided, _following_decided),
)
