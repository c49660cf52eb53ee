"""Administration → Application Settings."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.context import show
from portal.forms.app_settings import AppSettingsForm, reset_of
from portal.messages import status_of
from portal.presenters import purges
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.actions import app_settings, configured
from workflows.actions.app_settings import Change
from workflows.errors import DomainError
from workflows.vocabulary.permissions import Permission

_OF_PURGES = {configured.PURGE_AGE_DAYS, configured.PURGE_STATUSES}
MODIFY = Permission.APPLICATION_SETTINGS_MODIFY


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def app_setting_list(request: PortalRequest) -> HttpResponse:
    standings = app_settings.visible(request.actor)
    if request.method != "POST":
        return _page(request, AppSettingsForm(standings, None, may_modify=request.actor.may(MODIFY)))
    policies.require(request.actor, MODIFY)
    if reset := reset_of(standings, request.POST.get("reset", "")):
        return _save(request, [reset], None)
    form = AppSettingsForm(standings, request.POST, may_modify=True)
    if not form.is_valid():
        return _page(request, form, status=400)
    return _save(request, form.changes, request.POST)


def _save(request: PortalRequest, changes: Sequence[Change], typed: QueryDict | None) -> HttpResponse:
    try:
        app_settings.change(changes, actor=request.actor)
    except DomainError as error:
        form = AppSettingsForm(app_settings.visible(request.actor), typed, may_modify=True)
        return _page(request, form, stale=str(error), status=status_of(error))
    messages.success(request, _("Saved. It holds everywhere within seconds."))
    if _OF_PURGES & {each.setting for each in changes} and (words := purges.to_come()):
        messages.warning(request, words)
    return HttpResponseRedirect(reverse("portal:app_settings"))


def _page(
    request: PortalRequest, form: AppSettingsForm, *, stale: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "stale": stale,
        "may_modify": request.actor.may(MODIFY),
        "may_purge": request.actor.may(Permission.WORKFLOW_INSTANCES_MANAGE),
        "purge_group": configured.PURGE_AGE_DAYS.group,
        "purge_due": purges.due(),
    }
    return show(request, "administration/app_settings.html", context, status=status)
