"""One message to one recipient by SMTP (RFC 5321), over a guarded connection and under a total deadline.

One recipient, so that a failure is about that person alone and a retry reaches nobody twice.
"""

from __future__ import annotations

import base64
import enum
import smtplib
from contextlib import closing, suppress
from dataclasses import dataclass
from socket import socket
from ssl import SSLContext

from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.mail_messages import Mailbox, MailMessage, render
from workflows.connectors.outbound import Deadline, Login, call_failed, connect, tls_context
from workflows.errors import OutsideCallFailed

__all__ = ["MailMessage", "MailServer", "Mailbox", "Security", "send"]


class Security(enum.Enum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class MailServer:
    host: str
    sender: Mailbox
    port: int = 25
    security: Security = Security.NONE
    login: Login | None = None
    ehlo_name: str = "localhost"  # the name this machine gives itself
    timeout: float = 30.0  # seconds from resolving the name to the server's acceptance


def send(message: MailMessage, server: MailServer, policy: OutboundPolicy) -> None:
    """Hands the message to the server; returns when the server has taken responsibility for it.

    Raises InvalidInput (it cannot be built), AddressRefused and OutsideCallFailed: retryable after 4xx and
    broken connections, not after 5xx. A connection that breaks at the very end may have delivered.
    """
    data = render(message, server.sender)
    deadline = Deadline(server.timeout)
    what = f"Mail to {message.to.address} by {server.host}:{server.port}"
    try:
        _deliver(data, message.to.address, server, policy, deadline)
    except smtplib.SMTPException as error:
        raise _refused(what, error, deadline) from None
    except OSError as error:
        raise call_failed(what, error) from None


class _Smtp(smtplib.SMTP):
    """smtplib's dialogue over a connection that was made before."""

    def __init__(self, dialled: socket, server: MailServer, tls: SSLContext) -> None:
        self._dialled = dialled
        self._implicit_tls = tls if server.security is Security.TLS else None
        super().__init__(server.host, server.port, local_hostname=server.ehlo_name)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        if self._implicit_tls:
            return self._implicit_tls.wrap_socket(self._dialled, server_hostname=host)
        return self._dialled


def _deliver(
    data: bytes, recipient: str, server: MailServer, policy: OutboundPolicy, deadline: Deadline
) -> None:
    tls = tls_context(policy.trusted_pem)
    with (
        closing(connect(server.host, server.port, policy=policy, deadline=deadline)) as dialled,
        closing(_Smtp(dialled, server, tls)) as smtp,
    ):
        if server.security is Security.STARTTLS:
            smtp.starttls(context=tls)
        if server.login:
            _log_in(smtp, server.login)
        options = _options(smtp, server.sender.address + recipient)
        smtp.sendmail(server.sender.address, recipient, data, options)
        with suppress(OSError):  # it is accepted; how the server says goodbye changes nothing
            smtp.quit()


def _options(smtp: smtplib.SMTP, addresses: str) -> list[str]:
    """What MAIL FROM announces: UTF-8 in addresses needs a server that knows it (RFC 6531)."""
    if addresses.isascii():
        return []
    smtp.ehlo_or_helo_if_needed()
    if not smtp.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("the server takes ASCII addresses only (no SMTPUTF8)")
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _log_in(smtp: smtplib.SMTP, login: Login) -> None:
    """AUTH PLAIN or LOGIN in UTF-8 (RFC 4616); smtplib's own knows ASCII passwords only."""
    smtp.ehlo_or_helo_if_needed()
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    name, password = login.username, login.password.reveal()
    if "PLAIN" in offered:
        code, _ = smtp.docmd("AUTH", "PLAIN " + _base64(f"\0{name}\0{password}"))
    elif "LOGIN" in offered:
        code, _ = smtp.docmd("AUTH", "LOGIN")
        for line in (name, password):
            if code == 334:
                code, _ = smtp.docmd(_base64(line))
    else:
        raise smtplib.SMTPNotSupportedError("the server offers no login by PLAIN or LOGIN")
    if code != 235:
        # The server's own words are dropped: they might repeat what was sent.
        raise smtplib.SMTPAuthenticationError(code, "the login was refused")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _refused(what: str, error: smtplib.SMTPException, deadline: Deadline) -> OutsideCallFailed:
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _answered(what, *next(iter(error.recipients.values())))
        case smtplib.SMTPResponseException():
            return _answered(what, error.smtp_code, error.smtp_error)
        case smtplib.SMTPServerDisconnected():
            # smtplib raises it for a passed deadline, too.
            late = deadline.elapsed >= deadline.seconds
            return call_failed(what, TimeoutError() if late else ConnectionError())
        case _:
            return OutsideCallFailed(f"{what} failed: {str(error).rstrip('.')}.", retryable=False)


def _answered(what: str, code: int, said: bytes | str) -> OutsideCallFailed:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    shown = "".join(character for character in text if character.isprintable())[:200]
    return OutsideCallFailed(f"{what} failed: {code} {shown}", retryable=400 <= code < 500)
