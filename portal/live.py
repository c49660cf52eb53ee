"""Pages that follow something: they ask every few seconds, and mostly hear that nothing is new.

The address they ask holds a signed note of what the page shows. While the process knows that to be the
latest, the answer is 204 without a single query, not even for the log-in: the note was given to somebody who
was allowed to see that much, counts only with the session that it was given to, and ends after
`TRUSTED_SECONDS`, when the page is made anew with all checks. What has changed is shown only after those
checks, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.presenters.instances import LIVE
from workflows.engine.changes import Key, Reading, changes
from workflows.engine.writing import is_told
from workflows.models import Instance

UNCHANGED = 204
FINISHED = 286  # htmx shows the answer and stops asking
TRUSTED_SECONDS = 600
_SALT = "portal.live"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True)
class Note:
    """`seen` is what the page at `path` shows of `key`, in words that differ when it does."""

    path: str
    session: str
    key: Key
    seen: str

    def is_of(self, request: HttpRequest) -> bool:
        return self.path == request.path and constant_time_compare(self.session, _session(request))


def followed(view: View) -> View:
    """Marks a view whose page asks with the note that `note_of` has made."""
    view.is_followed = True  # type: ignore[attr-defined]
    return view


def note_of(request: HttpRequest, key: Key, seen: str) -> str:
    """What the page is to send as `?since=`."""
    return signing.dumps([request.path, _session(request), key, seen], salt=_SALT)


def asked(request: HttpRequest) -> Note | None:
    """The note of a page that asks; None for one that is opened, or whose note is no longer good."""
    if request.headers.get("HX-Request") != "true" or "since" not in request.GET:
        return None
    try:
        note = Note(*signing.loads(request.GET["since"], salt=_SALT, max_age=TRUSTED_SECONDS))
    except signing.BadSignature:
        return None
    return note if note.is_of(request) else None


def early_answer(request: HttpRequest) -> HttpResponse | None:
    """That nothing is new, where this process knows; no query, no log-in."""
    note = asked(request)
    return unchanged() if note is not None and changes().is_known(note.key, note.seen) else None


def unchanged() -> HttpResponse:
    answer = HttpResponse(status=UNCHANGED)
    add_never_cache_headers(answer)
    return answer


def begin_reading(note: Note | None) -> Reading:
    """To be called before the rows are read."""
    return changes().begin_reading(note.key) if note else Reading()


def has_seen(note: Note | None, reading: Reading, now: str) -> bool:
    """Whether the page shows how things stand `now`; if so, that is known from here on."""
    reading.seen = now
    return note is not None and note.seen == now


def state_of(instance: Instance) -> str:
    """What a page about one instance has seen of it."""
    return instance.modified_at.isoformat()


def has_seen_instance(note: Note | None, reading: Reading, instance: Instance) -> bool:
    """The same of one instance; while a mass event's is told to nobody, nothing is known of it."""
    if not is_told(instance.queue, instance.status):
        return note is not None and note.seen == state_of(instance)
    return has_seen(note, reading, state_of(instance))


def status_for(request: HttpRequest, instance: Instance) -> int:
    """The status of a page about the instance: it ends the asking once nothing can follow."""
    is_asking = request.headers.get("HX-Request") == "true" and "since" in request.GET
    return FINISHED if is_asking and instance.status not in LIVE else 200


def _session(request: HttpRequest) -> str:
    """A mark of the session, of no use to anybody else; the cookie alone, without a look at its row."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return salted_hmac(_SALT, cookie).hexdigest()[:20]
