"""A purge in words: what it would delete, and what it has deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.counts import counted, shown_count
from portal.looks import look_of
from portal.presenters.audit import url_of_all
from workflows.access.actors import Actor
from workflows.actions import configured, purging
from workflows.actions.purge_now import Purge
from workflows.errors import SearchTooBroad
from workflows.search.counting import COUNTED
from workflows.search.limits import limited
from workflows.search.syntax import And, Comparison, Operator, to_text
from workflows.vocabulary.auditing import Category
from workflows.vocabulary.permissions import Permission

COUNTING = 2.0  # seconds that who saves settings waits for the number of what they will delete


@dataclass(frozen=True)
class Row:
    """How many of one status would go; `url` leads to them, empty for who may not list them."""

    status: str
    count: str
    url: str


def rows(found: Purge, actor: Actor) -> Iterator[Row]:
    is_shown = actor.may(Permission.WORKFLOW_INSTANCES_READ)
    for status, count in sorted(found.counts.items()):
        yield Row(status, f"{count:,}", _url_of(found, status) if is_shown else "")


def number(found: Purge) -> str:
    """`1,200 instances`, or `at least 1,200 instances` where the time did not suffice to count them all."""
    words = ngettext("%(n)s instance", "%(n)s instances", found.count)
    if not found.is_exact:
        words = ngettext("at least %(n)s instance", "at least %(n)s instances", found.count)
    return words % {"n": f"{found.count:,}"}


def outcome(done: Purge, actor: Actor) -> str | SafeString:
    """What is gone and whether more is left, with the way to what the audit log says of it."""
    rest = "" if done.is_complete else _("The time was over before all were; the rest is counted below.")
    if not done.count:
        return rest or _("Nothing was deleted: no such instance is that old any more.")
    words = f"{_deleted(done)} {rest}".strip()
    if not actor.may(Permission.AUDITING_READ):
        return words
    url = url_of_all(Category.WorkflowInstance, purging.IDENTIFIER)
    return format_html('{} <a href="{}">{}</a>', words, url, _("Purges in the audit log"))


def to_come() -> str:
    """What the timer will delete as the settings stand, before it does; empty where that is nothing."""
    rule = purging.rule_now(timezone.now())
    if rule is None:
        return ""
    survey = purging.survey(rule, seconds=COUNTING)
    found = Purge(rule, survey.counts, is_exact=survey.is_exact)
    words = _(
        "As it stands, the purge deletes %(number)s within %(minutes)s minutes."
        " Raise or empty the age now if that is not what you want."
    )
    minutes = configured.PURGE_SCAN_MINUTES.value()
    return words % {"number": number(found), "minutes": f"{minutes:,}"} if found.count else ""


def due() -> str:
    """How many instances are old as the settings stand, for whoever looks at these; empty without an age.

    Counted as far as lists count, which an index answers at once.
    """
    rule = purging.rule_now(timezone.now())
    if rule is None:
        return ""
    try:
        with limited():
            number = counted(purging.old(rule), COUNTED - 1)
    except SearchTooBroad:
        return ""
    return _due_words(number) if number else _("No instance is old enough to be deleted now.")


def _due_words(number: int) -> str:
    words = ngettext(
        "%(n)s instance is old enough now; it is deleted within %(minutes)s minutes.",
        "%(n)s instances are old enough now; they are deleted within %(minutes)s minutes.",
        number,
    )
    minutes = configured.PURGE_SCAN_MINUTES.value()
    return words % {"n": shown_count(number, COUNTED - 1), "minutes": f"{minutes:,}"}


def _deleted(done: Purge) -> str:
    parts = ", ".join(f"{count:,} {look_of(name).label}" for name, count in sorted(done.counts.items()))
    words = ngettext(
        "%(n)s instance is deleted: %(parts)s.", "%(n)s instances are deleted: %(parts)s.", done.count
    )
    return words % {"n": f"{done.count:,}", "parts": parts}


def _url_of(found: Purge, status: str) -> str:
    """The list of them, the oldest first."""
    query = And(
        (
            Comparison("Status", Operator.EQ, status),
            Comparison("LastModified", Operator.LT, found.rule.cutoff.isoformat(timespec="seconds")),
        )
    )
    asked = urlencode({"query": to_text(query), "sort": "ReferenceId"})
    return f"{reverse('portal:instances')}?{asked}"
