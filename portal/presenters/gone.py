"""What became of rows that left a list under the eyes of their reader."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.access.actors import Actor
from workflows.actions.reaching import reachable_among
from workflows.models import Instance, SignalDecision
from workflows.vocabulary.statuses import InstanceStatus


@dataclass(frozen=True)
class Gone:
    """A row of Assigned to Me. Title and status are of those only that the person still reaches."""

    reference_id: int
    words: str
    title: str = ""
    status: InstanceStatus | None = None


def left_rows(ids: Sequence[int], actor: Actor) -> list[Instance]:
    """Those of the instances that the person still reaches."""
    rows = Instance.objects.filter(pk__in=ids).select_related("record").defer("data", "record__initial_data")
    return reachable_among(rows, actor)


def gone_rows(ids: Sequence[int], actor: Actor, *, before: Collection[int] = ()) -> list[Gone]:
    """One row an id, whether or not there is (still) such an instance; `before` were told of already."""
    found = {each.pk: each for each in left_rows(ids, actor)}
    last = _last_decisions(list(found.values()))
    return [
        _row(found[pk], last.get(pk), actor) if pk in found else _unknown(pk, is_again=pk in before)
        for pk in ids
    ]


def told(rows: Sequence[Gone]) -> str:
    """The same for who does not see them; empty for none."""
    if not rows:
        return ""
    if len(rows) == 1:
        return " ".join(_spoken(rows[0]))
    words = ngettext("%(n)s no longer waits for you.", "%(n)s no longer wait for you.", len(rows))
    return words % {"n": len(rows)}


def deleted(ids: Sequence[int]) -> Mapping[str, Any]:
    """Of lists that instances leave in no other way; nothing but their numbers is left of them."""
    words = ngettext(
        "%(n)s of these instances was deleted.", "%(n)s of these instances were deleted.", len(ids)
    )
    return {"deleted": ids, "told": words % {"n": len(ids)} if ids else ""}


def _unknown(pk: int, *, is_again: bool) -> Gone:
    """Whether there ever was such an instance is told to nobody."""
    again = _("It was deleted, or you may no longer see it.")
    return Gone(pk, again if is_again else _("It no longer waits for you."))


def _spoken(row: Gone) -> Iterator[str]:
    if row.title:
        yield _("No longer waits for you:")
        yield row.title
    yield row.words


def _last_decisions(found: Sequence[Instance]) -> dict[int, SignalDecision]:
    decisions = SignalDecision.objects.filter(instance__in=found).order_by("pk")
    return {each.instance_id: each for each in decisions.defer("comment")}


def _row(instance: Instance, last: SignalDecision | None, actor: Actor) -> Gone:
    words = _verdict(last, actor) if last and _decided(instance, last) else instance.status_message
    return Gone(instance.pk, words, instance.record.title, InstanceStatus(instance.status))


def _decided(instance: Instance, last: SignalDecision) -> bool:
    """Whether the last decision made it go on, and not somebody who stopped it, or a deadline."""
    if instance.was_stopped or instance.status == InstanceStatus.CanceledForRestart:
        return False
    return not (instance.status == InstanceStatus.Rejected and last.approved)


def _verdict(last: SignalDecision, actor: Actor) -> str:
    if last.user_id == actor.user_id:
        return _("You approved it.") if last.approved else _("You denied it.")
    words = _("Approved meanwhile by %(name)s.") if last.approved else _("Denied meanwhile by %(name)s.")
    return words % {"name": last.user_name}
