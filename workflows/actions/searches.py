"""What people keep of the lists they look at: searches under their own names, and the columns they like.

All of it is the person's own and nobody else's, so no permission is asked for and no audit entry is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from workflows.access.actors import Actor
from workflows.errors import InvalidInput, NotFound
from workflows.models import SavedSearch, User

MOST = 30  # searches of one person
LONGEST_NAME = 80
TAB = "tab"
"""Names the list of My Workflows that is searched; of Workflow → Instances it is absent."""
KEPT = (TAB, "field", "fact", "comparison", "value", "query", "sort", "descending", "columns")
"""The parameters of a list's address that make a search; its page is not among them."""
_COLUMNS = "columns"
_NAMELESS = ""  # what the list opens with
LONGEST_ADDRESS = 4_000  # characters of all parameters in an address, which links on the page quote once more


def searches_of(actor: Actor) -> list[SavedSearch]:
    """The person's searches by name, and the nameless one first if there is one."""
    return list(SavedSearch.objects.filter(user_id=actor.user_id or 0).order_by("name"))


def columns_in(searches: Sequence[SavedSearch], tab: str = "") -> list[str]:
    """The columns that the list opens with; empty for the usual ones."""
    liked: Mapping[str, Any] = next((each.parameters for each in searches if each.name == _NAMELESS), {})
    return list(liked.get(_columns_of(tab), []))


def save(name: str, parameters: Mapping[str, str | list[str]], *, actor: Actor) -> SavedSearch:
    """Keep a search, in place of the one of the same name. Raises InvalidInput."""
    name = _checked_name(name)
    kept = {key: parameters[key] for key in KEPT if parameters.get(key)}
    if not kept.keys() - {TAB}:
        raise InvalidInput("Search for something, or choose an order or columns, before you save it.")
    address = urlencode(kept, doseq=True)
    if len(address) > LONGEST_ADDRESS or "%00" in address:
        raise InvalidInput("This search is too long to be saved, or holds what no text holds.")
    with transaction.atomic():
        owner = _locked(actor)
        own = SavedSearch.objects.filter(user=owner)
        before = own.filter(name=name).first()
        if before is not None and before.parameters.get(TAB) != kept.get(TAB):
            raise InvalidInput("You have a search of this name for another list; choose another name.")
        if before is None and own.exclude(name=_NAMELESS).count() >= MOST:
            raise InvalidInput(f"You have {MOST} saved searches; delete one first.")
        saved, _is_new = own.update_or_create(user=owner, name=name, defaults={"parameters": kept})
        return saved


def rename(search_id: int, name: str, *, actor: Actor) -> None:
    """Raises InvalidInput for a name that is taken, NotFound for a search that is not the person's."""
    name = _checked_name(name)
    with transaction.atomic():
        owner = _locked(actor)
        found = own_search(search_id, actor=actor)
        if SavedSearch.objects.filter(user=owner, name=name).exclude(pk=found.pk).exists():
            raise InvalidInput("You have another search of this name.")
        found.name = name
        found.save(update_fields=["name"])


def delete(search_id: int, *, actor: Actor) -> None:
    """Raises NotFound for a search that is not the person's."""
    own_search(search_id, actor=actor).delete()


def keep_columns(columns: Sequence[str], *, actor: Actor, tab: str = "") -> None:
    """Let the list open with these columns; with the usual ones when there is none."""
    with transaction.atomic():
        liked, _is_new = SavedSearch.objects.get_or_create(user=_locked(actor), name=_NAMELESS)
        liked.parameters = {**liked.parameters, _columns_of(tab): list(columns)}
        liked.save(update_fields=["parameters"])


def own_search(search_id: int, *, actor: Actor) -> SavedSearch:
    """Raises NotFound for a search that is not the person's."""
    found = (
        SavedSearch.objects.filter(pk=search_id, user_id=actor.user_id or 0).exclude(name=_NAMELESS).first()
    )
    if found is None:
        raise NotFound("There is no saved search with this id among yours.")
    return found


def _columns_of(tab: str) -> str:
    """Under which name the nameless search holds the columns of a list."""
    return f"{_COLUMNS}.{tab}" if tab else _COLUMNS


def _locked(actor: Actor) -> User:
    """The person, whose searches nobody else writes until the transaction ends."""
    return User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        raise InvalidInput(f"Give the search a name of at most {LONGEST_NAME} characters.")
    return name
