"""Workflow → Instances → Purge: how many finished instances are old, and their deletion."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.forms.purge import PurgeForm
from portal.navigation import way_to_instances
from portal.presenters import purges
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import configured, purge_now
from workflows.vocabulary.permissions import Permission


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def purge(request: PortalRequest) -> HttpResponse:
    """GET counts what the bounds of the address call old, POST deletes it."""
    policies.require(request.actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        return _carry_out(request, form)
    return _page(request, form)


def _form(request: PortalRequest) -> PurgeForm:
    given = request.POST if request.method == "POST" else request.GET
    is_asked = request.method == "POST" or PurgeForm.base_fields.keys() & given.keys()
    return PurgeForm(given) if is_asked else PurgeForm(initial=_standing())


def _standing() -> dict[str, Any]:
    """What the application settings say."""
    return {"days": configured.PURGE_AGE_DAYS.value(), "statuses": configured.PURGE_STATUSES.value()}


def _carry_out(request: PortalRequest, form: PurgeForm) -> HttpResponse:
    """Back to the page with the same bounds, which counts what is left."""
    done = purge_now.carry_out(form.rule, actor=request.actor)
    say = messages.success if done.count and done.is_complete else messages.warning
    say(request, purges.outcome(done, request.actor))
    there = reverse("portal:instances_purge")
    return HttpResponseRedirect(f"{there}?{urlencode(form.cleaned_data, doseq=True)}")


def _page(request: PortalRequest, form: PurgeForm) -> HttpResponse:
    context = {
        "breadcrumbs": [way_to_instances(request.actor)],
        "form": form,
        "standing": {**_standing(), "minutes": configured.PURGE_SCAN_MINUTES.value()},
        "settings_url": _way_to_settings(request),
        "cancel_url": way_to_instances(request.actor)[1],
        **(_counted(request, form) if form.is_valid() else {}),
    }
    return show(request, "workflows/purge.html", context, status=400 if form.errors else 200)


def _counted(request: PortalRequest, form: PurgeForm) -> dict[str, Any]:
    found = purge_now.preview(form.rule, actor=request.actor, seconds=settings.SEARCH_TIMEOUT)
    return {
        "found": found,
        "rows": list(purges.rows(found, request.actor)),
        "number": purges.number(found),
        "counting_seconds": settings.SEARCH_TIMEOUT,
        "deleting_seconds": int(purge_now.LONGEST),
    }


def _way_to_settings(request: PortalRequest) -> str:
    may_read = request.actor.may(Permission.APPLICATION_SETTINGS_READ)
    return reverse("portal:app_settings") if may_read else ""
