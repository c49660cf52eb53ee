"""Our additions to /Workflow/Instances: history, one's own decisions, operations on many, a purge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import bulk, decisions, histories, purge_now
from workflows.actions.bulk import Action
from workflows.actions.instances import parse_name
from workflows.api.examples import instances as examples
from workflows.api.serializers.instance_additions import (
    BulkResult,
    History,
    InstanceNames,
    PastDecision,
    PurgeAnswer,
    PurgeBounds,
    Restarts,
)
from workflows.api.views.base import View, operation, route
from workflows.api.views.instances import MANAGE, READ, READ_PENDING
from workflows.api.views.lists import listing
from workflows.models import SignalDecision
from workflows.search.decisions import FIELDS

Body = Mapping[str, Any]


class PastDecisions(View):
    @listing(
        PastDecision,
        fields=FIELDS,
        sort="DecidedOn",
        permission=(READ, READ_PENDING),
        examples=examples.PAST_DECISION,
    )
    def get(self) -> QuerySet[SignalDecision]:
        """What the caller has approved and denied, also of instances that he may see no more.

        `SortAscending=1` gives the newest first. Decisions are deleted with their instance.
        """
        return decisions.past_decisions(self.actor)


class InstanceHistory(View):
    @operation(answer=History, permission=policies.INSTANCE_READS, examples=examples.HISTORY)
    def get(self, instance_id: str) -> histories.History:
        """Attempts at steps with conditions and changes; decisions with person and comment; mails; restarts.

        Who may see the instance may see its history.
        """
        return histories.history(parse_name(instance_id), actor=self.actor)


class StopMany(View):
    @operation(body=InstanceNames, answer=BulkResult, permission=MANAGE, examples=examples.STOP_MANY)
    def post(self, body: Body) -> Body:
        """Stop each of at most 500 instances; the answer says what became of each."""
        return _results(Action.STOP, body, self.actor)


class RestartMany(View):
    @operation(
        body=Restarts,
        answer=BulkResult,
        permission=MANAGE,
        beside=(READ,),
        examples=examples.RESTART_MANY,
    )
    def post(self, body: Body) -> Body:
        """Restart each of at most 500 instances; the answer names the new ones.

        Each begins on its published version, or on `Version` where that is one it may restart on.
        """
        return _results(Action.RESTART, body, self.actor)


class DeleteMany(View):
    @operation(body=InstanceNames, answer=BulkResult, permission=MANAGE, examples=examples.DELETE_MANY)
    def post(self, body: Body) -> Body:
        """Delete each of at most 500 finished instances; the answer says what became of each."""
        return _results(Action.DELETE, body, self.actor)


class Purge(View):
    @operation(query=PurgeBounds, answer=PurgeAnswer, permission=MANAGE, examples=examples.PURGE_PREVIEW)
    def get(self, query: Body) -> purge_now.Purge:
        """How many finished instances a purge would delete now; nothing is changed by asking."""
        return purge_now.preview(purge_now.rule(**query), actor=self.actor, seconds=purge_now.LONGEST)

    @operation(body=PurgeBounds, answer=PurgeAnswer, permission=MANAGE, examples=examples.PURGE)
    def post(self, body: Body) -> purge_now.Purge:
        """Delete finished instances that are old, with their history; requests and certificates stay.

        Ends after twenty seconds at most. The audit log gets one entry.
        """
        return purge_now.carry_out(purge_now.rule(**body), actor=self.actor)


def _results(action: Action, body: Body, actor: Actor) -> Body:
    return {"results": bulk.in_bulk(action, body["ids"], actor=actor, version=body.get("version"))}


routes = [
    route("Workflow/Instances/Decisions", PastDecisions),
    route("Workflow/Instances/Stop", StopMany),
    route("Workflow/Instances/Restart", RestartMany),
    route("Workflow/Instances/Delete", DeleteMany),
    route("Workflow/Instances/Purge", Purge),
    route("Workflow/Instances/<str:instance_id>/History", InstanceHistory),
]
