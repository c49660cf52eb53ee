"""Certificates of the seeded installation, and revoking them as clients do."""

from __future__ import annotations

from typing import Any

from tests import world as scenery
from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import Certificate


def issued(world: World, **wish: Any) -> Certificate:
    found = scenery.enroll(world, **wish).certificate
    assert found is not None
    return found


def revoke(client: ApiClient, *certificates: Certificate, **fields: Any) -> Any:
    ids = [each.pk for each in certificates]
    return client.post(
        "Certificates/Revoke", {"CertificateIds": ids, "Comment": "Lost", "Reason": 1, **fields}
    )
