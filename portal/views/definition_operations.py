"""Publish, enable, disable and delete a definition, each after a page has said what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.confirming import Confirmation, confirm
from portal.requests import PortalRequest
from portal.views.definitions import MODIFY, to_list, to_page
from workflows.access import policies
from workflows.actions import definition_checks, definitions
from workflows.models import Definition

_asked = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@_asked
def definition_publish(request: PortalRequest, guid: UUID, number: int) -> HttpResponse:
    found = _found(request, guid)
    version = definitions.version_of(found, number)

    def carry_out(force: bool) -> HttpResponse:
        definitions.publish(
            guid, actor=request.actor, number=number, force=force, expected=_expected(request)
        )
        messages.success(request, _("Version %(number)d is published.") % {"number": number})
        return _to_page(guid)

    consequences = [
        _("New instances run version %(number)d from now on; those that run already go on as they began.")
        % {"number": number},
        _("The version can never be changed again; the next save makes a new one."),
    ]
    if not found.enabled:
        consequences.append(_("The definition is disabled, so nothing starts until you enable it."))
    findings = definition_checks.check_version(version)
    consequences += [_("Warning: %(warning)s") % {"warning": each} for each in findings.warnings]
    question = _("Publish version %(number)d?") % {"number": number}
    return confirm(
        request,
        _confirmation(
            found,
            question,
            consequences,
            _("Publish"),
            subject=version.display_name,
            obstacles=findings.errors,
        ),
        carry_out,
    )


@never_cache
@_asked
def definition_enable(request: PortalRequest, guid: UUID) -> HttpResponse:
    found = _found(request, guid)

    def carry_out(force: bool) -> HttpResponse:
        definitions.set_enabled(guid, True, actor=request.actor, force=force, expected=_expected(request))
        messages.success(request, _("The definition is enabled."))
        return _to_page(guid)

    consequences = [_("Its published version starts an instance for every event of its keys.")]
    return confirm(
        request, _confirmation(found, _("Enable this definition?"), consequences, _("Enable")), carry_out
    )


@never_cache
@_asked
def definition_disable(request: PortalRequest, guid: UUID) -> HttpResponse:
    found = _found(request, guid)

    def carry_out(force: bool) -> HttpResponse:
        definitions.set_enabled(guid, False, actor=request.actor, expected=_expected(request))
        messages.success(request, _("The definition is disabled."))
        return _to_page(guid)

    consequences = [
        _("It starts nothing any more; events of its keys wait or are served by the global definition."),
        _("Instances that run already go on."),
    ]
    confirmation = _confirmation(found, _("Disable this definition?"), consequences, _("Disable"))
    return confirm(request, confirmation, carry_out)


@never_cache
@_asked
def definition_delete(request: PortalRequest, guid: UUID) -> HttpResponse:
    found = _found(request, guid)

    def carry_out(force: bool) -> HttpResponse:
        definitions.delete(guid, actor=request.actor, expected=_expected(request))
        messages.success(request, _("The definition is deleted."))
        return HttpResponseRedirect(reverse("portal:definitions"))

    consequences = [
        _("It starts nothing any more, and its keys are free for others."),
        _("Instances that ran or run it keep the version they began with."),
    ]
    confirmation = _confirmation(
        found, _("Delete this definition?"), consequences, _("Delete"), is_destructive=True
    )
    return confirm(request, confirmation, carry_out)


def _confirmation(
    found: Definition,
    question: str,
    consequences: list[str],
    submit_label: str,
    *,
    subject: str = "",
    is_destructive: bool = False,
    obstacles: Sequence[str] = (),
) -> Confirmation:
    return Confirmation(
        question=question,
        subject=subject or definitions.version_of(found, None).display_name,
        consequences=[_state(found), *consequences],
        submit_label=submit_label,
        cancel_url=reverse("portal:definition", args=[found.guid]),
        is_destructive=is_destructive,
        expected=definitions.etag(found),
        breadcrumbs=[to_list(), to_page(found)],
        obstacles=obstacles,
    )


def _state(found: Definition) -> str:
    """How it stands now, so that a page which comes again says what somebody else has made of it."""
    published = _("version %(number)d") % {"number": found.published.number} if found.published else _("none")
    return _("Now it is %(enabled)s, its latest version is %(latest)d, and %(published)s is published.") % {
        "enabled": _("enabled") if found.enabled else _("disabled"),
        "latest": definitions.version_of(found, None).number,
        "published": published,
    }


def _expected(request: PortalRequest) -> str:
    """The state that the page showed; empty, which nothing is, when it does not say."""
    return request.POST.get("expected", "")


def _found(request: PortalRequest, guid: UUID) -> Definition:
    policies.require(request.actor, MODIFY)
    return definitions.visible(guid, actor=request.actor)


def _to_page(guid: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:definition", args=[guid]))
