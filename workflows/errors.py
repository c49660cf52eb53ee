"""Every error that Countersign raises on purpose, with its stable code (decision D11).

The class says what went wrong, the message says what to do. No class knows a status code: the edges
translate `Kind` once (`workflows.api.errors`, `portal.messages`).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from typing import Any, ClassVar


class Kind(enum.Enum):
    """What an edge must answer; the API maps each to one HTTP status."""

    INVALID = "invalid"  # 400
    UNAUTHENTICATED = "unauthenticated"  # 401
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not found"  # 404
    CONFLICT = "conflict"  # 409
    TOO_LARGE = "too large"  # 413
    THROTTLED = "throttled"  # 429
    UNAVAILABLE = "unavailable"  # 503
    FAULT = "fault"  # 500


class DomainError(Exception):
    """Base of all; `str(error)` is safe to show to the caller and never holds a secret."""

    kind: ClassVar[Kind] = Kind.INVALID
    code: ClassVar[str] = "0xC0010000"

    @property
    def message(self) -> str:
        return str(self)

    @property
    def details(self) -> dict[str, Any]:
        """What an answer says besides the message, by name on the wire."""
        return {}


class InvalidInput(DomainError):
    """A value is missing, of the wrong type or outside what is allowed."""

    code = "0xC0010001"


class MalformedBody(InvalidInput):
    """The body is not JSON, or not of the documented shape."""

    code = "0xC0010002"


class InvalidQuery(InvalidInput):
    """A query string, sort field or page cannot be understood; the message points at the place.

    `problem` says the same without the place, for who typed a value and no query.
    """

    code = "0xC0010003"
    problem: str = ""


MOST_LISTED = 100  # findings of a definition that somebody reads at once
LONGEST_LISTED = 1_000  # characters of one


def listed(found: Sequence[str]) -> list[str]:
    """What is shown of many findings: the first ones, shortened, and how many more there are."""
    shown = [
        each if len(each) <= LONGEST_LISTED else f"{each[:LONGEST_LISTED]}…" for each in found[:MOST_LISTED]
    ]
    return [*shown, f"And {len(found) - MOST_LISTED:,} more."] if len(found) > MOST_LISTED else shown


class InvalidDefinition(InvalidInput):
    """Steps that cannot be saved or published; `problems` lists the reasons, each naming its step."""

    code = "0xC0010004"

    def __init__(self, found: list[str]) -> None:
        self.found = found
        self.problems = listed(found)
        super().__init__(" ".join(self.problems))

    @property
    def details(self) -> dict[str, Any]:
        return {"Problems": self.problems}


class InvalidCsr(InvalidInput):
    """The certificate signing request cannot be parsed or its signature does not verify."""

    code = "0xC0010005"


class KeyNotAllowed(InvalidInput):
    """The key's type or size is refused (code published by the reference product)."""

    code = "0xA0110004"


class InvalidName(InvalidInput):
    """A distinguished name or subject alternative name is not well formed."""

    code = "0xC0010006"


class InvalidTemplate(InvalidInput):
    """The template is unknown or does not allow this kind of enrollment."""

    code = "0xC0010007"


class InvalidSignal(InvalidInput):
    """The signal's key or data cannot be used."""

    code = "0xC0010008"


class MissingToken(InvalidInput):
    """A `$(token)` has no value in the instance's data."""

    code = "0xC0010009"


class ExpressionFailed(InvalidInput):
    """A condition or script failed, or passed its limits."""

    code = "0xC001000A"


class AddressRefused(InvalidInput):
    """An outbound connection would reach an address that the settings do not allow."""

    code = "0xC001000B"


class IssuanceRefused(DomainError):
    """What would be signed breaks a rule of X.509 or is not what was intended; the message says where."""

    code = "0xC001000C"


class WorkflowFailed(DomainError):
    """The workflow of a request ended Failed or Rejected; the message is its status message."""

    code = "0xC001000D"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self._details = details

    @property
    def details(self) -> dict[str, Any]:
        return self._details


class SearchTooBroad(InvalidInput):
    """A search took longer than SEARCH_TIMEOUT (docs/lists.md); asking again takes as long."""

    code = "0xC001000E"

    @classmethod
    def after(cls, seconds: int, narrowing: str) -> SearchTooBroad:
        """`narrowing` says by what, as the list can do quickly."""
        return cls(f"The search did not end within {seconds} second(s). Narrow the search: {narrowing}.")


class NotAuthenticated(DomainError):
    """No or wrong credentials."""

    kind = Kind.UNAUTHENTICATED
    code = "0xC0020001"


class PermissionMissing(DomainError):
    """The caller holds none of the required permissions (code published by the reference product)."""

    kind = Kind.FORBIDDEN
    code = "0xA0140002"


class SignalForbidden(DomainError):
    """The caller holds no role of the step's signal, or it is the caller's own request (D14)."""

    kind = Kind.FORBIDDEN
    code = "0xC0030001"


class NotFound(DomainError):
    """Unknown, or not visible to the caller (D19)."""

    kind = Kind.NOT_FOUND
    code = "0xC0040001"


class WrongState(DomainError):
    """The object's status does not allow the operation."""

    kind = Kind.CONFLICT
    code = "0xC0050001"


class AlreadyDecided(WrongState):
    """The same person has signalled, or the step is decided."""

    code = "0xC0050002"


class ContentChanged(WrongState):
    """What the form showed is no longer what would be issued or revoked."""

    code = "0xC0050003"


class DuplicateKey(DomainError):
    """The name or key is taken."""

    kind = Kind.CONFLICT
    code = "0xC0050004"


class Protected(DomainError):
    """A built-in object that cannot be deleted or disabled, or one that is in use."""

    kind = Kind.CONFLICT
    code = "0xC0050005"


class VersionConflict(DomainError):
    """Somebody else has saved meanwhile; the details say who, when and what."""

    kind = Kind.CONFLICT
    code = "0xC0050006"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self._details = details

    @property
    def details(self) -> dict[str, Any]:
        return self._details


class ConfirmationNeeded(DomainError):
    """The call would start workflows at once and needs `force=true` (D20)."""

    kind = Kind.CONFLICT
    code = "0xC0050007"


class BodyTooLarge(DomainError):
    """The body is larger than the limit named in the message."""

    kind = Kind.TOO_LARGE
    code = "0xC0060001"


class TooManyAttempts(DomainError):
    """Too many wrong passwords; `retry_after` says in how many seconds the next one is looked at."""

    kind = Kind.THROTTLED
    code = "0xC0070001"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unexpected(DomainError):
    """A fault of Countersign; the log holds it under the RequestId."""

    kind = Kind.FAULT
    code = "0xC00A0005"


class Unavailable(DomainError):
    """A part of the system does not answer; trying again later may help."""

    kind = Kind.UNAVAILABLE
    code = "0xC0080001"


class SecretUnreadable(Unavailable):
    """A stored secret cannot be decrypted; the message names the place and the key's id."""

    code = "0xC0080002"


class OutsideCallFailed(DomainError):
    """A server outside did not do what it was asked; `retryable` says whether trying again may help."""

    kind = Kind.UNAVAILABLE
    code = "0xC0090001"

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class Throttled(OutsideCallFailed):
    """A server outside takes no calls for now (429) and has done nothing: trying again repeats nothing."""

    code = "0xC0090003"

    def __init__(self, message: str, *, retry_after: str | None = None) -> None:
        """`retry_after` is the header of that name; a date in it (RFC 9110, 10.2.3) counts as none."""
        super().__init__(message, retryable=True)
        self.seconds = int(retry_after) if retry_after and re.fullmatch(r"[0-9]{1,4}", retry_after) else 0


class NotConnected(OutsideCallFailed):
    """No connection to the server outside came about, so nothing was sent: trying again repeats nothing."""

    code = "0xC0090002"
