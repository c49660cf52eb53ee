"""What differs between two versions of a definition, or between what was read and what is there now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.presenters.differences import Change
from workflows.engine import comparing
from workflows.errors import DomainError, VersionConflict
from workflows.models import DefinitionVersion, Role

Document = Mapping[str, Any]
_ROLES = ".RoleIds"


@dataclass(frozen=True)
class StepChange:
    """One step that was Added, Removed or Changed; `kind` says which."""

    kind: str
    name: str
    changes: list[Change]


@dataclass(frozen=True)
class Meanwhile:
    """What others saved while somebody typed: until when, of the definition itself, and step by step."""

    at: datetime
    changes: Sequence[Change]
    steps: Sequence[StepChange]


def compare(earlier: DefinitionVersion, later: DefinitionVersion) -> list[StepChange]:
    """The steps that are not the same in both, secrets left out; those of the later version first."""
    return shown(comparing.compare(earlier.steps, later.steps))


def shown(changes: Iterable[comparing.StepChange]) -> list[StepChange]:
    """Changes of steps as templates show them."""
    return of_documents([each.document for each in changes])


def of_documents(documents: Sequence[Document]) -> list[StepChange]:
    """The same of what answers and audit entries hold; the latter know a step by its unique name alone."""
    names = _role_names(documents)
    return [_step(each, _changes(each["Changes"], names)) for each in documents]


def meanwhile(error: DomainError | None) -> Meanwhile | None:
    """Of a refused save, where it is known what was read."""
    if not isinstance(error, VersionConflict) or "Steps" not in error.details:
        return None
    details = error.details
    at = datetime.fromisoformat(details["ChangedOn"])
    return Meanwhile(at, _changes(details["Changes"], {}), of_documents(details["Steps"]))


def words_of(conflict: VersionConflict, advice: str | Promise) -> str:
    """Who was faster, and what to do about it on this page."""
    names = " · ".join(conflict.details.get("ChangedBy", ())) or _("Somebody")
    return f"{_('%(names)s changed this definition meanwhile.') % {'names': names}} {advice}"


def _step(document: Document, changes: list[Change]) -> StepChange:
    return StepChange(document["Kind"], document.get("DisplayName", document["UniqueName"]), changes)


def _changes(documents: Iterable[Document], names: Mapping[int, str]) -> list[Change]:
    return [_change(each, names) for each in documents]


def _change(document: Document, names: Mapping[int, str]) -> Change:
    """Roles by name, and a parameter under its own name."""
    field, before, after = document["Field"], document["From"], document["To"]
    if field.endswith(_ROLES):
        before, after = ([names.get(role, role) for role in roles or []] for roles in (before, after))
    name = field.removeprefix("ConfigurationParameters.")
    return Change(name, before, after, is_withheld=document["IsWithheld"])


def _role_names(documents: Iterable[Document]) -> dict[int, str]:
    changes = [change for each in documents for change in each["Changes"] if change["Field"].endswith(_ROLES)]
    ids = {role for change in changes for roles in (change["From"], change["To"]) for role in roles or []}
    return dict(Role.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
