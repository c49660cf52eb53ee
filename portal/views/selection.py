"""The toolbar of Workflow → Instances: what is done with the rows that were ticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.instance_searches import way_back
from portal.operations import OPERATIONS, RESTART, Operation
from portal.presenters.awaited import awaited_words
from portal.presenters.instances import SHOWN, Row, row
from portal.presenters.restart_groups import COMPARED, UNCOMPARED, RestartGroup, restart_groups
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import bulk, instances
from workflows.actions.instances import Successors
from workflows.errors import InvalidInput
from workflows.models import Instance
from workflows.vocabulary.permissions import Permission

VIEWS = {"view": "portal:instance", "definition": "portal:instance_definition"}
BY_NAME = {operation.name: operation for operation in OPERATIONS}


@dataclass(frozen=True)
class Subject:
    """One ticked instance; `row` is None when it is gone or was never to be seen."""

    name: str
    row: Row | None
    refusal: str = ""
    found: Instance | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one; `warnings` say where the version of the new one is weaker."""

    subject: Subject
    error: str = ""
    new: Row | None = None
    warnings: Sequence[str] = ()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def selected(request: PortalRequest) -> HttpResponse:
    """GET asks or leads on, POST carries out."""
    policies.require(request.actor, Permission.WORKFLOW_INSTANCES_READ)
    params = request.POST if request.method == "POST" else request.GET
    names, wanted = params.getlist("instance"), params.get("operation", "")
    if not names:
        messages.warning(request, _("Tick at least one instance first."))
        return HttpResponseRedirect(way_back(params))
    if wanted in VIEWS:
        return _open(request, names, VIEWS[wanted])
    operation = BY_NAME.get(wanted)
    if operation is None:
        raise InvalidInput(_("Choose Stop, Restart or Delete."))
    policies.require(request.actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    return (
        _carry_out(request, operation, names) if request.method == "POST" else _ask(request, operation, names)
    )


def _open(request: PortalRequest, names: Sequence[str], place: str) -> HttpResponse:
    if len(names) == 1 and (guid := _guid(names[0])):
        return HttpResponseRedirect(reverse(place, args=[guid]))
    messages.warning(request, _("Tick exactly one instance to view it."))
    return HttpResponseRedirect(way_back(request.GET))


def _ask(request: PortalRequest, operation: Operation, names: Sequence[str]) -> HttpResponse:
    subjects = _subjects(request, operation, names)
    if len(subjects) == 1 and subjects[0].row:
        there = reverse(f"portal:instance_{operation.name}", args=[subjects[0].row.guid])
        return HttpResponseRedirect(f"{there}?{urlencode({'back': request.GET.get('back', '')})}")
    ready = [subject for subject in subjects if not subject.refusal]
    refused = [subject for subject in subjects if subject.refusal]
    context = {
        "breadcrumbs": [(_("Workflow Instances"), way_back(request.GET))],
        "operation": operation,
        "question": operation.questions % {"n": len(ready)},
        "ready": ready,
        "consequences": _consequences(operation, ready),
        "groups": _groups(request, ready) if operation is RESTART else [],
        "refused": refused,
        "refused_words": operation.refused % {"n": len(refused)},
        "back": request.GET.get("back", ""),
        "cancel_url": way_back(request.GET),
    }
    return show(request, "workflows/confirm_selected.html", context)


def _consequences(operation: Operation, ready: Sequence[Subject]) -> list[Any]:
    found = [each.found for each in ready if each.found]
    return [*operation.consequences_of_many, *awaited_words(operation, found)]


def _groups(request: PortalRequest, ready: Sequence[Subject]) -> list[RestartGroup]:
    return restart_groups([each.found for each in ready if each.found], request.actor)


def _carry_out(request: PortalRequest, operation: Operation, names: Sequence[str]) -> HttpResponse:
    """Back to the list; restarts and refusals are shown one by one, for each has something to say."""
    subjects = {subject.name: subject for subject in _subjects(request, operation, names)}
    results = bulk.in_bulk(operation.action, list(subjects), actor=request.actor)
    done = sum(result.ok for result in results)
    words = operation.done % {"n": done}
    if done == len(results) and operation is not RESTART:
        messages.success(request, words)
        return HttpResponseRedirect(way_back(request.POST))
    context = {
        "breadcrumbs": [(_("Workflow Instances"), way_back(request.POST))],
        "operation": operation,
        "words": words,
        "outcomes": [_outcome(request, subjects[result.name], result) for result in results],
        "is_any_done": done > 0,
        "is_all_done": done == len(results),
        "list_url": way_back(request.POST),
    }
    return show(request, "workflows/results.html", context)


def _outcome(request: PortalRequest, subject: Subject, result: bulk.Result) -> Outcome:
    new = row(result.new, request.actor) if result.new else None
    return Outcome(subject, str(result.error or ""), new, result.warnings)


def _subjects(request: PortalRequest, operation: Operation, names: Sequence[str]) -> list[Subject]:
    """Each name once; three queries for all of them."""
    if len(names) > bulk.LARGEST:
        raise InvalidInput(_("Tick at most %(n)d instances.") % {"n": bulk.LARGEST})
    rows = policies.restrict(Instance.objects.all(), request.actor, Permission.WORKFLOW_INSTANCES_READ)
    guids = [guid for name in names if (guid := _guid(name))]
    found = rows.select_related(*SHOWN).defer("data", "record__initial_data", "version__steps")
    if operation is RESTART:
        found = rows.select_related(*COMPARED).defer(*UNCOMPARED)
    by_guid = {each.guid: each for each in found.filter(guid__in=guids)}
    successors = instances.successors_of(by_guid.values())
    return [
        _subject(request, operation, name, by_guid.get(_guid(name) or UUID(int=0)), successors)
        for name in dict.fromkeys(names)
    ]


def _subject(
    request: PortalRequest, operation: Operation, name: str, found: Instance | None, successors: Successors
) -> Subject:
    if found is None:
        return Subject(name, None, _("It does not exist any more."))
    known = {"successors": successors} if operation is RESTART else {}
    shown = row(found, request.actor, successors=successors)
    return Subject(name, shown, operation.refusal(found, **known), found)


def _guid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
