"""Decided by Me: what the person has answered, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal import listing, news
from portal.comparisons import FACT
from portal.counts import counted
from portal.instance_columns import DECIDED
from portal.listing import Filter, Sort
from portal.my_workflows.tab import Tab, new_words
from portal.navigation import may_sign
from portal.news import Following
from portal.presenters.decided import decided_row
from portal.presenters.gone import deleted
from portal.requests import PortalRequest
from portal.saved_searches import chosen_columns
from workflows.access.actors import Actor
from workflows.actions.decisions import past_decisions
from workflows.models import Instance
from workflows.search.decisions import FIELDS
from workflows.vocabulary.permissions import Permission

_LAST_FIRST = Sort("DecidedOn", descending=True)


def _is_left_out(actor: Actor) -> bool:
    """Until the first decision."""
    return not past_decisions(actor).exists()


def _show(request: PortalRequest, wanted: Filter) -> Mapping[str, Any]:
    own = past_decisions(request.actor)
    newest = own.order_by("-pk").values_list("pk", flat=True).first() or 0
    found = listing.find(own, wanted, request, FIELDS, _LAST_FIRST)
    return {
        "page": found.page,
        "rows": [decided_row(each) for each in found.rows],
        "sort": found.sort,
        "filter": found.filter,
        "may_read": request.actor.may(Permission.WORKFLOW_INSTANCES_READ),
        "news": news.news_of(request, newest, news.stamps_of([each.instance for each in found.rows])),
    }


def _following(request: PortalRequest) -> Following:
    own = past_decisions(request.actor)
    return Following(
        count=lambda after: counted(own.filter(pk__gt=after), news.MOST),
        words=new_words,
        rows=Instance.objects.filter(pk__in=own.order_by().values("instance")),
        cells="components/decided_changes.html",
        context=lambda changed: {
            "rows": [decided_row(each) for each in own.filter(instance__in=changed)],
            "columns": chosen_columns(request, DECIDED),
        },
        gone=deleted,
    )


TAB = Tab(
    label=_("Decided by Me"),
    part="components/decided_table.html",
    columns=DECIDED,
    fields=(
        ("Title", _("Title")),
        ("Approved", _("Approved (true or false)")),
        ("Comment", _("Comment")),
        ("DecidedOn", _("Decided")),
        ("InitiatingUserName", _("Started by")),
        ("Status", _("Status")),
        ("DefinitionDisplayName", _("Definition")),
        ("WorkflowType", _("Type")),
        ("StepUniqueName", _("Step")),
        ("ReferenceId", _("Reference Id")),
        ("Id", _("Id")),
        (FACT, _("Data field")),
    ),
    known=FIELDS,
    example='Approved -eq false AND DecidedOn -ge "%TODAY-30%"',
    is_open=may_sign,
    show=_show,
    following=_following,
    is_left_out=_is_left_out,
)
