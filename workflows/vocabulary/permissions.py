"""The documented access-control strings (events-security-audit.md, 2.2).

A shorter string covers every string below it: `/workflows/` covers `/workflows/instances/read/mine/`.
"""

from __future__ import annotations

import enum


class Permission(enum.StrEnum):
    """The strings that Countersign itself checks; a role may hold any string of `TREE` or a prefix."""

    ALL = "/"
    APPLICATION_SETTINGS_MODIFY = "/application_settings/modify/"
    APPLICATION_SETTINGS_READ = "/application_settings/read/"
    AUDITING_READ = "/auditing/read/"
    CERTIFICATE_AUTHORITIES_MODIFY = "/certificate_authorities/modify/"
    CERTIFICATE_AUTHORITIES_READ = "/certificate_authorities/read/"
    CERTIFICATE_TEMPLATES_MODIFY = "/certificate_templates/modify/"
    CERTIFICATE_TEMPLATES_READ = "/certificate_templates/read/"
    CERTIFICATES_METADATA_MODIFY = "/certificates/collections/metadata/modify/"
    CERTIFICATES_PRIVATE_KEY_READ = "/certificates/collections/private_key/read/"
    CERTIFICATES_READ = "/certificates/collections/read/"
    CERTIFICATES_REVOKE = "/certificates/collections/revoke/"
    DASHBOARD_READ = "/dashboard/read/"
    ENROLLMENT_CSR = "/certificates/enrollment/csr/"
    ENROLLMENT_PATTERN_READ = "/enrollment_pattern/read/"
    ENROLLMENT_PFX = "/certificates/enrollment/pfx/"
    METADATA_TYPES_MODIFY = "/metadata/types/modify/"
    METADATA_TYPES_READ = "/metadata/types/read/"
    REQUESTS_MANAGE = "/certificates/requests/manage/"
    SCRIPTS_MODIFY = "/scripts/modify/"
    SCRIPTS_READ = "/scripts/read/"
    SECURITY_MODIFY = "/security/modify/"
    SECURITY_READ = "/security/read/"
    WORKFLOW_DEFINITIONS_MODIFY = "/workflows/definitions/modify/"
    WORKFLOW_DEFINITIONS_READ = "/workflows/definitions/read/"
    WORKFLOW_INSTANCES_MANAGE = "/workflows/instances/manage/"
    WORKFLOW_INSTANCES_READ = "/workflows/instances/read/"
    WORKFLOW_INSTANCES_READ_MINE = "/workflows/instances/read/mine/"
    WORKFLOW_INSTANCES_READ_PENDING = "/workflows/instances/read/pending/"


_DOCUMENTED_ELSEWHERE = (
    "/agents/auto_registration/modify/",
    "/agents/auto_registration/read/",
    "/agents/management/modify/",
    "/agents/management/read/",
    "/certificate_stores/modify/",
    "/certificate_stores/read/",
    "/certificate_stores/revoke/",
    "/certificate_stores/schedule/",
    "/certificates/collections/change_owner/",
    "/certificates/collections/delete/",
    "/certificates/collections/modify/",
    "/certificates/collections/private_key/import/",
    "/certificates/enrollment/csr_generation/",
    "/certificates/import/",
    "/dashboard/risk_header/read/",
    "/enrollment_pattern/modify/",
    "/identity_providers/modify/",
    "/identity_providers/read/",
    "/monitoring/alerts/modify/",
    "/monitoring/alerts/read/",
    "/monitoring/alerts/schedule/",
    "/monitoring/alerts/schedule/revocation/",
    "/monitoring/alerts/test/",
    "/monitoring/handlers/registration/modify/",
    "/monitoring/handlers/registration/read/",
    "/pam/modify/",
    "/pam/read/",
    "/portal/read/",
    "/reports/modify/",
    "/reports/read/",
    "/ssh/enterprise_admin/",
    "/ssh/server_admin/",
    "/ssh/user/",
    "/ssl/modify/",
    "/ssl/read/",
    "/system_settings/modify/",
    "/system_settings/read/",
)

TREE: tuple[str, ...] = tuple(sorted({*Permission, *_DOCUMENTED_ELSEWHERE}))
"""Every documented string, sorted, so that a parent stands before its children."""

AREA_NAMES: dict[str, tuple[str, str]] = {
    Permission.WORKFLOW_DEFINITIONS_MODIFY: ("WorkflowDefinitions", "Modify"),
    Permission.WORKFLOW_DEFINITIONS_READ: ("WorkflowDefinitions", "Read"),
    Permission.WORKFLOW_INSTANCES_MANAGE: ("WorkflowInstances", "Manage"),
    Permission.WORKFLOW_INSTANCES_READ: ("WorkflowInstances", "ReadAll"),
    Permission.WORKFLOW_INSTANCES_READ_MINE: ("WorkflowInstances", "ReadMy"),
    Permission.WORKFLOW_INSTANCES_READ_PENDING: ("WorkflowInstances", "ReadAssignedToMe"),
    Permission.REQUESTS_MANAGE: ("WorkflowManagement", "Participate"),
}
"""Area and permission of version 10, whose words clients search for in a 403 (contract, 1.2)."""


def covers(held: str, wanted: str) -> bool:
    """Whether holding `held` grants `wanted`: the same string or a prefix of it."""
    return wanted.startswith(held)


def is_known(text: str) -> bool:
    """Whether `text` is a documented string, a prefix of one, or one with an object id appended."""
    if not text.startswith("/") or not text.endswith("/"):
        return False
    return any(known.startswith(text) for known in TREE) or _has_known_parent(text)


def _has_known_parent(text: str) -> bool:
    parent, _, last = text.rstrip("/").rpartition("/")
    return last.isdigit() and f"{parent}/" in TREE


def area_and_permission(permission: str) -> str:
    """The words `AREA - PERMISSION` for a refusal's message."""
    if permission in AREA_NAMES:
        area, name = AREA_NAMES[permission]
    else:
        area, _, name = permission.strip("/").rpartition("/")
        area = "".join(part.title().replace("_", "") for part in area.split("/"))
        name = name.title().replace("_", "")
    return f"{area} - {name}"
