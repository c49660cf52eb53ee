"""What somebody had typed when his session had ended: carried through the log-in by his browser.

The log-in page holds it sealed, so that nobody makes up a form for somebody else to send; only a log-in that
leads by another site has it stored in the session meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass

from django.http import HttpRequest
from django.utils import timezone

from workflows.encryption import decrypt, encrypt
from workflows.errors import SecretUnreadable

FIELD = "held"
LARGEST = 200_000  # characters of a form that is worth carrying
KEPT_FOR = 60 * 60  # seconds
_PLACE = {"table": "portal", "row": 0, "field": "held_form"}


@dataclass(frozen=True)
class HeldForm:
    """Names and values as they were sent, less passwords and files."""

    path: str
    fields: list[list[str]]
    at: float


def hold(request: HttpRequest) -> str:
    """The form of this request, sealed; empty when there is none that is worth keeping."""
    given = [[name, value] for name, values in request.POST.lists() for value in values if _is_kept(name)]
    if not any(value for _name, value in given):
        return ""
    form = HeldForm(request.get_full_path(), given, timezone.now().timestamp())
    text = json.dumps(asdict(form))
    if len(text) > LARGEST:
        return ""
    return base64.urlsafe_b64encode(encrypt(text.encode(), **_PLACE)).decode()  # type: ignore[arg-type]


def opened(sealed: str) -> HeldForm | None:
    """What `hold` sealed within the last hour; None for anything else."""
    try:
        text = decrypt(base64.urlsafe_b64decode(sealed), **_PLACE)  # type: ignore[arg-type]
    except (SecretUnreadable, binascii.Error, ValueError):
        return None
    form = HeldForm(**json.loads(text))
    return form if timezone.now().timestamp() - form.at < KEPT_FOR else None


def keep(request: HttpRequest) -> None:
    """In the session, until `kept` takes it: through a log-in that leads by another site."""
    sealed = request.POST.get(FIELD, "")
    if opened(sealed):
        request.session[FIELD] = sealed


def kept(request: HttpRequest) -> str:
    """What `keep` put into the session, once."""
    sealed: str = request.session.pop(FIELD, "")
    return sealed


def _is_kept(name: str) -> bool:
    return name != "csrfmiddlewaretoken" and "password" not in name.casefold()
