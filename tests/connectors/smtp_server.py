"""A real SMTP server (aiosmtpd) on loopback, in a thread with its own loop."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mail:
    sender: str
    recipients: list[str]
    data: bytes
    options: list[str]
    login: Any
    secure: bool
    ehlo: str


@dataclass
class MailSite:
    """Keeps what it accepts; `replies` overrides the answer to a command (MAIL, RCPT, DATA)."""

    replies: dict[str, str] = field(default_factory=dict)
    logins: dict[bytes, bytes] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _s: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _s: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.replies:
            return self.replies["DATA"]
        assert envelope.mail_from is not None
        assert isinstance(envelope.content, bytes)
        self.mails.append(
            Mail(
                envelope.mail_from,
                envelope.rcpt_tos,
                envelope.content,
                envelope.mail_options,
                session.auth_data,
                server.transport is not None and server.transport.get_extra_info("sslcontext") is not None,
                session.host_name or "",
            )
        )
        return "250 Taken"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        success = self.logins.get(data.login) == data.password
        return AuthResult(success=success, handled=success, auth_data=data.login)

    @contextlib.contextmanager
    def running(self, *, implicit_tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[MailSite]:
        """`options` are those of `aiosmtpd.smtp.SMTP`, such as `tls_context` for STARTTLS."""
        if self.logins:
            options |= {"authenticator": self.authenticate}
        loop = asyncio.new_event_loop()

        def factory() -> SMTP:
            return SMTP(self, hostname="mail.example", loop=loop, **options)

        server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0, ssl=implicit_tls))
        self.port = server.sockets[0].getsockname()[1]
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
