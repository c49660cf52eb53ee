"""/Workflow/Instances: lists, one instance, and what is done with it (contract, 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from workflows.access import policies
from workflows.actions import approvals, awaited, instances, restart_differences
from workflows.actions.asked import asked
from workflows.actions.instances import parse_name
from workflows.api import headers, waiting
from workflows.api.examples import instances as examples
from workflows.api.lean import sheet_of
from workflows.api.profiles import Profile
from workflows.api.serializers.instance_additions import RestartDifference
from workflows.api.serializers.instances import Instance, InstanceQuery, RestartVersion, Signal
from workflows.api.shapes import read
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.errors import InvalidInput
from workflows.models import Instance as InstanceRow
from workflows.models.instances import InstanceName
from workflows.search.instances import FIELDS
from workflows.vocabulary.permissions import Permission

READ = Permission.WORKFLOW_INSTANCES_READ
READ_MINE = Permission.WORKFLOW_INSTANCES_READ_MINE
READ_PENDING = Permission.WORKFLOW_INSTANCES_READ_PENDING
MANAGE = Permission.WORKFLOW_INSTANCES_MANAGE
SORT = "CurrentStepDisplayName"
# What the answer about one instance reads of it; reading all columns takes a fifth longer.
_READ = (
    *sheet_of(InstanceQuery, Profile.DOCUMENTED).columns,
    *("data", "queue", "ready_at", "run_id", "record__initial_data"),
)
SHOWN = InstanceRow.objects.select_related("record").only(*_READ)


class Instances(View):
    @listing(InstanceQuery, fields=FIELDS, sort=SORT, grows=True, permission=READ)
    def get(self) -> QuerySet[InstanceRow]:
        """All instances, running and finished."""
        return InstanceRow.objects.all()


class MyInstances(View):
    @listing(InstanceQuery, fields=FIELDS, sort=SORT, grows=True, permission=(READ, READ_MINE))
    def get(self) -> QuerySet[InstanceRow]:
        """The instances that the caller's own requests started."""
        return InstanceRow.objects.filter(policies.created_by(self.actor))


class AssignedInstances(View):
    @listing(
        InstanceQuery,
        fields=FIELDS,
        sort=SORT,
        grows=True,
        few=policies.assigned_ids,
        permission=(READ, READ_PENDING),
    )
    def get(self) -> QuerySet[InstanceRow]:
        """The instances that now wait for a signal which the caller may send."""
        return InstanceRow.objects.filter(policies.assigned_to(self.actor))


class OneInstance(View):
    @operation(
        answer=Instance,
        permission=policies.INSTANCE_READS,
        parameters=[headers.PREFER, headers.AGAIN_LATER],
        examples=examples.INSTANCE,
    )
    def get(self, instance_id: str) -> Response:
        """One instance with its data and the signals that its step takes.

        `Retry-After` says when to look again; with `Prefer: wait=N` the answer comes when the status changes,
        or after N seconds, at most 30. Both are additions of ours.
        """
        found = self._found(parse_name(instance_id))
        if seconds := waiting.preferred_wait(self.request):
            awaited.wait_for_change(found, seconds)
            found = self._found(found.guid)
        return waiting.answer(Instance, found, {**self.context, "asked": asked(found)}, [found])

    def _found(self, name: InstanceName) -> InstanceRow:
        return instances.visible(name, actor=self.actor, among=SHOWN)

    @operation(permission=MANAGE)
    def delete(self, instance_id: str) -> None:
        """Delete a finished instance with its history; requests and certificates stay."""
        instances.delete(parse_name(instance_id), actor=self.actor)


class Signals(View):
    @operation(body=Signal, examples=examples.SIGNAL)
    def post(self, instance_id: str, body: Mapping[str, Any]) -> None:
        """Answer the step where the instance waits; the right is a role of the step's signal."""
        approvals.signal(parse_name(instance_id), body["signal_key"], body["data"], actor=self.actor)


class Stop(View):
    @operation(permission=MANAGE)
    def post(self, instance_id: str) -> None:
        """Reject a running or suspended instance, so that it does not go on."""
        instances.stop(parse_name(instance_id), actor=self.actor)


class Restart(View):
    @operation(
        query=RestartVersion,
        answer=RestartDifference,
        permission=MANAGE,
        beside=(READ,),
        examples=examples.RESTART_DIFFERENCE,
    )
    def get(self, instance_id: str, query: Mapping[str, Any]) -> restart_differences.RestartDifference:
        """What a restart would change, and where the version that it would take is the weaker one.

        Nothing is changed by asking. The audit log keeps the same with the restart.
        """
        found = instances.visible(parse_name(instance_id), actor=self.actor)
        version = instances.restart_version(found, query["version"])
        return restart_differences.restart_difference(found, version, actor=self.actor)

    @operation(
        query=RestartVersion,
        permission=MANAGE,
        beside=(READ,),
        request=RestartVersion,
        parameters=[headers.LOCATION],
        examples=examples.RESTART,
    )
    def post(self, instance_id: str, query: Mapping[str, Any]) -> Response:
        """Start anew from the initial data; the header Location names the new instance.

        The version may stand in the query or in the body, as `{"Version": 3}` or `3` (D3).
        """
        version = _one_version(query["version"], self._version_in_body())
        new = instances.restart(parse_name(instance_id), actor=self.actor, version=version)
        siblings = self.request.path.rstrip("/").removesuffix(f"{instance_id}/Restart")
        return Response(status=204, headers={"Location": f"{siblings}{new.guid}"})

    def _version_in_body(self) -> int | None:
        given: Any = self.request.data
        body = {} if given is None else {"Version": given} if isinstance(given, int) else given
        version: int | None = read(RestartVersion, body, self.context)["version"]
        return version


def _one_version(in_query: int | None, in_body: int | None) -> int | None:
    if None not in (in_query, in_body) and in_query != in_body:
        raise InvalidInput(f"The query says version {in_query}, the body {in_body}. Name one of them.")
    return in_query if in_query is not None else in_body


routes = [
    route("Workflow/Instances", Instances),
    route("Workflow/Instances/My", MyInstances),
    route("Workflow/Instances/AssignedToMe", AssignedInstances),
    route("Workflow/Instances/<str:instance_id>", OneInstance),
    route("Workflow/Instances/<str:instance_id>/Signals", Signals),
    route("Workflow/Instances/<str:instance_id>/Stop", Stop),
    route("Workflow/Instances/<str:instance_id>/Restart", Restart),
]
