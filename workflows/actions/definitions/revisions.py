"""Every change of a definition under a number: what `If-Match` names, and what a refused save tells.

A draft is overwritten in place, so how it was before a save is kept here (limits-and-leads.md, row 23).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from workflows.access.actors import Actor
from workflows.actions.definitions.reading import found, latest, summary
from workflows.actions.freshness import names
from workflows.engine import parameters
from workflows.engine.comparing import compare, differences
from workflows.errors import VersionConflict
from workflows.models import Definition, DefinitionRevision

KEPT = 100  # changes of a definition that are remembered: more than anybody has open in an editor


def etag(definition: Definition) -> str:
    """What `If-Match` must name: it changes with every save, publication and change of state."""
    return f'"{definition.revision}"'


def locked(guid: UUID | str, expected: str | None) -> Definition:
    """The definition, locked; its versions are read after the lock, else they would be those before it.

    Raises NotFound, and VersionConflict unless it is as `expected`, an ETag, says.
    """
    rows = Definition.objects.present().select_for_update()
    definition = found(rows.filter(guid=guid).first(), guid)
    if expected is not None:
        require_unchanged(definition, expected)
    _remember(definition, latest(definition).created_by)  # one that a seed or a migration has made
    return definition


def require_unchanged(definition: Definition, expected: str) -> None:
    """Raises VersionConflict, which says who changed what, unless it is as the ETag `expected` says."""
    if not names(expected, etag(definition)):
        raise _conflict(definition, expected)


def keep(definition: Definition, actor: Actor) -> None:
    """Number the change just made and remember the result; forget the oldest."""
    definition.revision += 1
    definition.save(update_fields=["revision"])
    _remember(definition, actor.name)
    definition.revisions.filter(number__lte=definition.revision - KEPT).delete()


def _remember(definition: Definition, name: str) -> None:
    version = latest(definition)
    state = {"State": summary(definition, version), "Steps": parameters.digested(version.steps)}
    DefinitionRevision.objects.get_or_create(
        definition=definition, number=definition.revision, defaults={"content": state, "saved_by": name}
    )


def _conflict(definition: Definition, expected: str) -> VersionConflict:
    """Who changed what since the state that the caller has seen, when that is still known."""
    known = list(definition.revisions.filter(number__lte=definition.revision).order_by("number"))
    seen = next((each for each in reversed(known) if names(expected, f'"{each.number}"')), None)
    if seen is None:
        return VersionConflict(
            "Somebody has changed this definition meanwhile; read it again and repeat the change.",
            ETag=etag(definition),
        )
    later = [each for each in known if each.number > seen.number]
    people = list(dict.fromkeys(each.saved_by for each in later))
    return VersionConflict(
        f"{' and '.join(people)} changed this definition meanwhile, last at "
        f"{later[-1].saved_at:%Y-%m-%d %H:%M:%S} UTC; read it again and repeat the change.",
        ETag=etag(definition),
        ChangedBy=people,
        ChangedOn=later[-1].saved_at.isoformat(),
        **_difference(seen.content, later[-1].content),
    )


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """In the shape that `GET …/Compare` has."""
    steps = compare(before["Steps"], after["Steps"])
    return {
        "Changes": [change.document for change in differences(before["State"], after["State"])],
        "Steps": [change.document for change in steps],
    }
