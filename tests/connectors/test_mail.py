from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.certificates import Authority
from tests.connectors.conftest import Resolver
from tests.connectors.servers import drip, scripted
from tests.connectors.smtp_server import MailSite
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.mail import Mailbox, MailMessage, MailServer, Security, send
from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.errors import AddressRefused, OutsideCallFailed

MARK = "marked-secret"
SENDER = Mailbox("countersign@example.org", "Countersign")
MESSAGE = MailMessage(Mailbox("alice@example.org", "Alice"), "Please approve", "Hello\n.\n..\nBye")


@pytest.fixture
def site() -> Iterator[MailSite]:
    with MailSite().running() as running:
        yield running


def server(port: int, **settings: Any) -> MailServer:
    return MailServer("127.0.0.1", SENDER, port, **settings)


def failure(at: MailServer, policy: OutboundPolicy, message: MailMessage = MESSAGE) -> OutsideCallFailed:
    with pytest.raises(OutsideCallFailed) as caught:
        send(message, at, policy)
    assert MARK not in str(caught.value)
    assert str(caught.value).startswith(f"Mail to {message.to.address} by 127.0.0.1:{at.port} failed: ")
    return caught.value


def test_a_mail_arrives(site: MailSite, loopback: OutboundPolicy) -> None:
    send(MESSAGE, server(site.port, ehlo_name="countersign.example"), loopback)
    [mail] = site.mails
    assert (mail.sender, mail.recipients) == ("countersign@example.org", ["alice@example.org"])
    assert (mail.ehlo, mail.secure, mail.login) == ("countersign.example", False, None)
    read = email.message_from_bytes(mail.data, policy=email.policy.default)
    assert (read["Subject"], read["To"]) == ("Please approve", "Alice <alice@example.org>")
    assert read.get_content().replace("\r\n", "\n") == "Hello\n.\n..\nBye\n"


def test_loopback_is_refused_without_permission(site: MailSite) -> None:
    with pytest.raises(AddressRefused):
        send(MESSAGE, server(site.port), OutboundPolicy())


# --- TLS and logins ----------------------------------------------------------------------------------------


def test_starttls(authority: Authority, loopback: OutboundPolicy, resolver: Resolver) -> None:
    resolver({"mail.example": [("127.0.0.1", 0)]})
    with MailSite().running(tls_context=authority.server("mail.example"), require_starttls=True) as site:
        at = replace(server(site.port, security=Security.STARTTLS), host="mail.example")
        send(MESSAGE, at, loopback)
    assert site.mails[0].secure


def test_implicit_tls(authority: Authority, loopback: OutboundPolicy) -> None:
    with MailSite().running(implicit_tls=authority.server("127.0.0.1")) as site:
        send(MESSAGE, server(site.port, security=Security.TLS), loopback)
    assert site.mails[0].secure


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("expired", [True, False])
def test_a_bad_certificate_gets_neither_login_nor_mail(
    security: Security, expired: bool, authority: Authority, loopback: OutboundPolicy
) -> None:
    tls = authority.server("127.0.0.1" if expired else "other.example", expired=expired)
    options: dict[str, Any] = {"implicit_tls": tls} if security is Security.TLS else {"tls_context": tls}
    with MailSite().running(**options) as site:
        at = server(site.port, security=security, login=Login("user", Secret(MARK)))
        failed = failure(at, loopback)
    assert "the certificate is not trusted" in str(failed)
    assert not failed.retryable
    assert site.mails == []


def test_starttls_that_is_not_offered_sends_nothing(site: MailSite, loopback: OutboundPolicy) -> None:
    failed = failure(server(site.port, security=Security.STARTTLS), loopback)
    assert "STARTTLS" in str(failed)
    assert not failed.retryable
    assert site.mails == []


@pytest.mark.parametrize("excluded", [[], ["PLAIN"]])
def test_a_login_in_utf8(excluded: list[str], authority: Authority, loopback: OutboundPolicy) -> None:
    site = MailSite(logins={"jörg".encode(): "pässword".encode()})
    options: dict[str, Any] = {"auth_required": True, "auth_exclude_mechanism": excluded}
    with site.running(tls_context=authority.server("127.0.0.1"), **options):
        login = Login("jörg", Secret("pässword"))
        send(MESSAGE, server(site.port, security=Security.STARTTLS, login=login), loopback)
    assert site.mails[0].login == "jörg".encode()


@pytest.mark.parametrize("excluded", [[], ["PLAIN"]])
def test_a_refused_login_shows_no_password(
    excluded: list[str], authority: Authority, loopback: OutboundPolicy
) -> None:
    site = MailSite(logins={b"user": b"other"})
    with site.running(
        implicit_tls=authority.server("127.0.0.1"), auth_require_tls=False, auth_exclude_mechanism=excluded
    ):
        at = server(site.port, security=Security.TLS, login=Login("user", Secret(MARK)))
        failed = failure(at, loopback)
    assert "535 the login was refused" in str(failed)
    assert not failed.retryable


def test_a_login_that_is_not_offered(site: MailSite, loopback: OutboundPolicy) -> None:
    failed = failure(server(site.port, login=Login("user", Secret(MARK))), loopback)
    assert "no login" in str(failed)
    assert not failed.retryable


# --- addresses in UTF-8 ------------------------------------------------------------------------------------


def test_an_address_in_utf8_needs_a_server_that_takes_it(loopback: OutboundPolicy) -> None:
    message = replace(MESSAGE, to=Mailbox("jörg@exämple.org", "Jörg"))
    with MailSite().running(enable_SMTPUTF8=True) as site:
        send(message, server(site.port), loopback)
    assert site.mails[0].recipients == ["jörg@exämple.org"]
    assert "SMTPUTF8" in site.mails[0].options
    assert "<jörg@exämple.org>".encode() in site.mails[0].data
    with MailSite().running(enable_SMTPUTF8=False) as site:
        failed = failure(server(site.port), loopback, message)
    assert "SMTPUTF8" in str(failed)
    assert not failed.retryable


def test_other_mails_need_no_smtputf8(loopback: OutboundPolicy) -> None:
    message = replace(MESSAGE, to=Mailbox("alice@example.org", "Älice"), subject="Größe")
    with MailSite().running(enable_SMTPUTF8=False, decode_data=False) as site:
        send(message, server(site.port), loopback)
    assert site.mails[0].data.isascii()


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "retryable"),
    [
        ("450 try later", True),
        ("451 local error", True),
        ("452 full", True),
        ("421 closing", True),
        ("550 unknown", False),
        ("552 too large", False),
        ("554 no", False),
    ],
)
def test_4xx_is_temporary_and_5xx_is_not(
    command: str, reply: str, retryable: bool, site: MailSite, loopback: OutboundPolicy
) -> None:
    site.replies[command] = reply
    failed = failure(server(site.port), loopback)
    assert failed.retryable is retryable
    assert reply in str(failed)


def test_a_greeting_of_421_is_temporary(loopback: OutboundPolicy) -> None:
    with scripted(lambda connection: connection.sendall(b"421 busy \x1b[31m\r\n")) as port:
        failed = failure(server(port), loopback)
    assert failed.retryable
    assert str(failed).isprintable()


def test_a_server_of_another_kind_is_not_tried_again(loopback: OutboundPolicy) -> None:
    with scripted(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert not failure(server(port), loopback).retryable


def test_a_server_that_hangs_up_is_tried_again(loopback: OutboundPolicy) -> None:
    with scripted(lambda connection: connection.sendall(b"220 hello\r\n")) as port:
        failed = failure(server(port), loopback)
    assert failed.retryable
    assert "the connection broke" in str(failed)


def test_a_closed_port_is_tried_again(loopback: OutboundPolicy) -> None:
    with scripted(lambda connection: None) as port:
        pass
    assert failure(server(port), loopback).retryable


@pytest.mark.parametrize("head", [b"", b"220 hello\r\n", b"220 hello\r\n250-mail.example\r\n250-"])
@pytest.mark.parametrize("security", [Security.NONE, Security.TLS])
def test_a_slow_server_meets_the_deadline(
    head: bytes, security: Security, authority: Authority, loopback: OutboundPolicy
) -> None:
    tls = authority.server("127.0.0.1") if security is Security.TLS else None
    with scripted(lambda connection: drip(connection, head), tls=tls) as port:
        failed = failure(server(port, security=security, timeout=0.7), loopback)
    assert "there was no complete answer in time" in str(failed)
    assert failed.retryable


def test_what_follows_acceptance_changes_nothing(loopback: OutboundPolicy) -> None:
    def rude(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                if line == b"data\r\n":
                    connection.sendall(b"354 go\r\n")
                    break
                connection.sendall(b"250 ok\r\n")
            while lines.readline() != b".\r\n":
                pass
            connection.sendall(b"250 taken\r\n")

    with scripted(rude) as port:
        send(MESSAGE, server(port), loopback)
