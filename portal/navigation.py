"""The sections of the sidebar: what a person's permissions open, with what waits for him."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.counts import shown_count
from portal.requests import PortalRequest
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.vocabulary.permissions import Permission

Words = str | Promise
MOST = 99  # what a count says at most


@dataclass(frozen=True)
class Place:
    """A page of the sidebar: the URL names that belong to it, and the permissions of which one opens it."""

    label: Words
    icon: str
    names: tuple[str, ...]
    permissions: tuple[str, ...] = ()
    waiting: Callable[[PortalRequest], Waiting | None] = lambda _request: None


@dataclass(frozen=True)
class Waiting:
    """How many wait for the person: as it is shown, empty for none, and in words."""

    number: str
    words: str


@dataclass(frozen=True)
class Entry:
    label: Words
    icon: str
    url: str
    is_current: bool
    waiting: Waiting | None


@dataclass(frozen=True)
class Section:
    label: Words
    entries: tuple[Entry, ...]


def waiting_for(request: PortalRequest) -> Waiting | None:
    """How many instances wait for this person's signature; None where none ever do."""
    if not may_sign(request.actor):
        return None
    number = _number_of_waiting(request)
    shown = shown_count(number, MOST) if number else ""
    words = ngettext("%(n)s waits for you", "%(n)s wait for you", number) % {"n": shown}
    return Waiting(shown, words if number else "")


def _number_of_waiting(request: PortalRequest) -> int:
    """At most `MOST` + 1. Read once, so that all that a page says of it is the same."""
    if "waiting" not in vars(request):
        request.waiting = len(policies.assigned_ids(request.actor, MOST + 1))
    return request.waiting


def may_sign(actor: Actor) -> bool:
    """Whether *Assigned to Me* is open to the person (workflow-instances.md, 3.2)."""
    return actor.may(Permission.WORKFLOW_INSTANCES_READ_PENDING)


def sees_own(actor: Actor) -> bool:
    """Whether *Created by Me* is open to the person; reading all instances covers it."""
    return actor.may(Permission.WORKFLOW_INSTANCES_READ_MINE)


def way_to_instances(actor: Actor) -> tuple[Words, str]:
    """The list through which the person comes to instances: all, his own, or none but the dashboard."""
    if actor.may(Permission.WORKFLOW_INSTANCES_READ):
        return _("Workflow Instances"), reverse("portal:instances")
    if may_sign(actor) or sees_own(actor):
        return _("My Workflows"), reverse("portal:my_workflows")
    return _("Dashboard"), reverse("portal:home")


def way_to_enroll(actor: Actor) -> str:
    """The form through which the person requests a certificate; empty without the permission to do so."""
    if actor.may(Permission.ENROLLMENT_CSR):
        return reverse("portal:enroll_csr")
    return reverse("portal:enroll_pfx") if actor.may(Permission.ENROLLMENT_PFX) else ""


PLACES: tuple[tuple[Words, tuple[Place, ...]], ...] = (
    ("", (Place(_("Dashboard"), "layout-dashboard", ("home",)),)),
    (
        _("Workflow"),
        (
            Place(
                _("My Workflows"),
                "inbox",
                ("my_workflows", "review", "lint", "enroll_complete"),
                (Permission.WORKFLOW_INSTANCES_READ_PENDING, Permission.WORKFLOW_INSTANCES_READ_MINE),
                waiting_for,
            ),
            Place(
                _("Instances"),
                "list-checks",
                (
                    "instances",
                    "instances_selected",
                    "instances_purge",
                    "instance_search",
                    "instance",
                    "instance_definition",
                    "instance_stop",
                    "instance_restart",
                    "instance_delete",
                ),
                (Permission.WORKFLOW_INSTANCES_READ,),
            ),
            Place(
                _("Definitions"),
                "workflow",
                (
                    "definitions",
                    "definition",
                    "definition_new",
                    "definition_import",
                    "definition_compare",
                    "definition_settings",
                    "definition_copy",
                    "definition_editor",
                    "definition_publish",
                    "definition_enable",
                    "definition_disable",
                    "definition_delete",
                    "step_choose",
                    "step_new",
                    "step_edit",
                ),
                (Permission.WORKFLOW_DEFINITIONS_READ, Permission.WORKFLOW_DEFINITIONS_MODIFY),
            ),
        ),
    ),
    (
        _("Certificates"),
        (
            Place(
                _("Enroll by CSR"),
                "file-plus",
                ("enroll_csr",),
                (Permission.ENROLLMENT_CSR,),
            ),
            Place(_("Enroll by PFX"), "key-round", ("enroll_pfx",), (Permission.ENROLLMENT_PFX,)),
            Place(
                _("Certificates"),
                "file-badge",
                ("certificates", "certificate", "certificate_revoke", "certificate_pickup"),
                (Permission.CERTIFICATES_READ,),
            ),
        ),
    ),
    (
        _("Administration"),
        (
            Place(
                _("Users"),
                "users",
                (
                    "users",
                    "user",
                    "user_new",
                    "user_edit",
                    "user_password",
                    "user_active",
                    "user_token_new",
                    "user_token_end",
                ),
                (Permission.SECURITY_READ, Permission.SECURITY_MODIFY),
            ),
            Place(
                _("Roles"),
                "shield-check",
                (
                    "roles",
                    "role",
                    "role_new",
                    "role_edit",
                    "role_delete",
                    "role_members_add",
                    "role_member_remove",
                ),
                (Permission.SECURITY_READ, Permission.SECURITY_MODIFY),
            ),
            Place(
                _("Templates"),
                "file-cog",
                ("templates", "template", "template_edit"),
                (Permission.CERTIFICATE_TEMPLATES_READ,),
            ),
            Place(
                _("Authorities"),
                "landmark",
                ("authorities", "authority", "authority_publish_crl"),
                (Permission.CERTIFICATE_AUTHORITIES_READ,),
            ),
            Place(
                _("Metadata Fields"),
                "tags",
                ("metadata_fields", "metadata_field", "metadata_field_new", "metadata_field_delete"),
                (Permission.METADATA_TYPES_READ,),
            ),
            Place(
                _("Webhooks"),
                "webhook",
                (
                    "subscriptions",
                    "subscription",
                    "subscription_new",
                    "subscription_edit",
                    "subscription_delete",
                ),
                (Permission.APPLICATION_SETTINGS_READ,),
            ),
            Place(
                _("Application Settings"),
                "sliders-horizontal",
                ("app_settings",),
                (Permission.APPLICATION_SETTINGS_READ,),
            ),
            Place(
                _("Scripts"),
                "square-terminal",
                ("scripts", "script", "script_new", "script_edit", "script_delete"),
                (Permission.SCRIPTS_READ,),
            ),
            Place(_("Audit Log"), "scroll-text", ("audit_log", "audit_entry"), (Permission.AUDITING_READ,)),
        ),
    ),
)


def sections(request: PortalRequest, way: Sequence[tuple[Words, str]] = ()) -> list[Section]:
    """What the sidebar holds for this person; empty sections are left out.

    The current place is where the page's `way` (its breadcrumbs) begins: an instance that was opened from
    My Workflows stays there.
    """
    current = _current(request, way)
    found = (Section(label, tuple(_entries(places, request, current))) for label, places in PLACES)
    return [section for section in found if section.entries]


def _current(request: PortalRequest, way: Sequence[tuple[Words, str]]) -> str:
    """The URL name of the page, or of the place that its way begins at."""
    named = request.resolver_match.url_name if request.resolver_match else ""
    begins = urlsplit(way[0][1]).path if way else ""
    firsts = (place.names[0] for _label, places in PLACES for place in places if begins)
    return next((first for first in firsts if reverse(f"portal:{first}") == begins), named or "")


def _entries(places: tuple[Place, ...], request: PortalRequest, current: str) -> Iterator[Entry]:
    for place in places:
        if _is_open(place, request.actor):
            yield Entry(
                label=place.label,
                icon=place.icon,
                url=reverse(f"portal:{place.names[0]}"),
                is_current=current in place.names,
                waiting=place.waiting(request),
            )


def _is_open(place: Place, actor: Actor) -> bool:
    return not place.permissions or any(actor.may(permission) for permission in place.permissions)
