"""The two mounts of the one URLconf: enums as integers for existing clients, as names for people (D1)."""

from __future__ import annotations

import enum


class Profile(enum.StrEnum):
    """Its value is the `profile` argument of each mount in `config.urls`."""

    WIRE = "wire"  # /KeyfactorAPI/
    DOCUMENTED = "documented"  # /api/


MOUNTS: dict[Profile, str] = {Profile.WIRE: "KeyfactorAPI/", Profile.DOCUMENTED: "api/"}
"""Where each profile lives, as the mounts are written in answers and in the schema."""
