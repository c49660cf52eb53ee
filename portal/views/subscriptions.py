"""Administration → Webhooks: who is told of changes, and how the last messages fared."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.confirming import Confirmation, confirm
from portal.context import show
from portal.forms.subscriptions import SubscriptionForm
from portal.looks import look_of
from portal.paging import page_of
from portal.requests import PortalRequest
from portal.saving import Saving
from workflows.access import policies
from workflows.actions import subscriptions
from workflows.errors import DuplicateKey
from workflows.models import Definition, DeliveryState, Subscription
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.APPLICATION_SETTINGS_MODIFY
_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def subscription_list(request: PortalRequest) -> HttpResponse:
    page, shown = page_of(subscriptions.visible(request.actor).order_by("name"), request.GET, size=50)
    context = {
        "rows": [{"found": each, "changes": _changes(each)} for each in shown],
        "page": page,
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/subscriptions.html", context)


@require_safe
def subscription(request: PortalRequest, guid: UUID) -> HttpResponse:
    found = subscriptions.find(guid, actor=request.actor)
    sent, shown = page_of(found.deliveries.order_by("-pk"), request.GET, size=25)
    context = {
        "breadcrumbs": [_to_list()],
        "found": found,
        "changes": _changes(found),
        "deliveries": [{"row": each, "state": DeliveryState(each.state).name} for each in shown],
        "page": sent,
        "paused_until": found.paused_until if _is_ahead(found.paused_until) else None,
        "shows_instances": request.actor.may(Permission.WORKFLOW_INSTANCES_READ),
        "may_modify": request.actor.may(MODIFY),
    }
    return show(request, "administration/subscription.html", context)


@never_cache
@_form_page
def subscription_new(request: PortalRequest) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    return _edit(request, None)


@never_cache
@_form_page
def subscription_edit(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    return _edit(request, subscriptions.find(guid, actor=request.actor))


@never_cache
@_form_page
def subscription_delete(request: PortalRequest, guid: UUID) -> HttpResponse:
    policies.require(request.actor, MODIFY)
    found = subscriptions.find(guid, actor=request.actor)

    def carry_out(force: bool) -> HttpResponse:
        subscriptions.delete(guid, actor=request.actor)
        messages.success(request, _("The webhook is deleted."))
        return HttpResponseRedirect(reverse("portal:subscriptions"))

    confirmation = Confirmation(
        question=_("Delete this webhook?"),
        subject=found.name,
        consequences=[_("The server is told of nothing any more, not even of what is on its way.")],
        submit_label=_("Delete"),
        cancel_url=_page_of(found),
        is_destructive=True,
        breadcrumbs=[_to_list()],
    )
    return confirm(request, confirmation, carry_out)


def _edit(request: PortalRequest, found: Subscription | None) -> HttpResponse:
    form = SubscriptionForm(
        request.POST if request.method == "POST" else None,
        definitions=_definitions(request, found),
        is_new=found is None,
        initial=_initial(found) if found else {},
    )
    saving = Saving(form, subscriptions.etag(found) if found else "")
    if saving.is_done(lambda: _save(request, found, saving), {DuplicateKey: "name"}):
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(_page_of(found) if found else reverse("portal:subscriptions"))
    context = {
        "heading": found.name if found else _("New webhook"),
        "breadcrumbs": [_to_list()],
        **saving.context,
        "submit_label": _("Save"),
        "cancel_url": _page_of(found) if found else reverse("portal:subscriptions"),
    }
    return show(request, "components/form_page.html", context, status=saving.status)


def _save(request: PortalRequest, found: Subscription | None, saving: Saving) -> None:
    values = saving.form.values  # type: ignore[attr-defined]
    if found is None:
        subscriptions.create(actor=request.actor, **values)
    else:
        subscriptions.update(found.guid, actor=request.actor, expected=saving.expected, **values)


def _initial(found: Subscription) -> dict[str, object]:
    return {
        "name": found.name,
        "url": found.url,
        "changes": found.changes,
        "definition": str(found.definition.guid) if found.definition else "",
        "enabled": found.enabled,
    }


def _definitions(request: PortalRequest, found: Subscription | None) -> list[tuple[str, str]]:
    """Those that the person may see, and the one that is chosen."""
    rows = Definition.objects.filter(deleted_at__isnull=True).select_related("latest")
    if not request.actor.may(Permission.WORKFLOW_DEFINITIONS_READ):
        rows = rows.filter(subscription=found) if found else rows.none()
    names = [(str(row.guid), row.latest.display_name if row.latest else str(row.guid)) for row in rows]
    return sorted(names, key=lambda each: each[1].casefold())


def _is_ahead(moment: datetime | None) -> bool:
    return moment is not None and moment > timezone.now()


def _changes(found: Subscription) -> list[str]:
    return [str(look_of(number).label) for number in found.changes]


def _page_of(found: Subscription) -> str:
    return reverse("portal:subscription", args=[found.guid])


def _to_list() -> tuple[str, str]:
    return _("Webhooks"), reverse("portal:subscriptions")
