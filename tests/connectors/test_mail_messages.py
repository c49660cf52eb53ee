from __future__ import annotations

import email
import email.policy
import smtplib
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.connectors.mail_messages import Mailbox, MailMessage, render
from workflows.errors import InvalidInput

SENDER = Mailbox("countersign@example.org", "Countersign")
TO = Mailbox("alice@example.org")
# One line: no controls, surrogates or separators of lines.
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120)
HOSTILE = st.sampled_from(
    ["=?utf-8?q?=0D=0AX-Evil:_y?=", '"', "\\", "<x@y>", ",", "=?", "?=", "=0D=0A", " ", "ü"]
)
PARTS = st.one_of(LINES, st.lists(st.one_of(HOSTILE, LINES), max_size=8).map("".join))


def parsed(message: MailMessage, sender: Mailbox = SENDER) -> EmailMessage:
    return email.message_from_bytes(render(message, sender), policy=email.policy.default)


def raw_header(data: bytes, name: str) -> str:
    """Decoded as RFC 2047 says, by the older of the two parsers."""
    return str(make_header(decode_header(email.message_from_bytes(data)[name])))


def test_a_message_has_its_headers_and_both_bodies() -> None:
    headers = (("Auto-Submitted", "auto-generated"), ("References", "<a@b> <c@d>"))
    message = MailMessage(TO, "Größe", "Grüße,\nAlice", "<p>Grüße</p>", "<1@example.org>", headers)
    read = parsed(message)
    assert (read["From"], read["To"]) == ("Countersign <countersign@example.org>", "alice@example.org")
    assert (read["Subject"], read["Message-ID"]) == ("Größe", "<1@example.org>")
    assert (read["Auto-Submitted"], read["References"]) == ("auto-generated", "<a@b> <c@d>")
    assert parsedate_to_datetime(read["Date"]).tzinfo is not None
    assert read.get_content_type() == "multipart/alternative"
    plain, html = read.iter_parts()
    assert (plain.get_content_type(), plain.get_content()) == ("text/plain", "Grüße,\r\nAlice\r\n")
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<p>Grüße</p>\r\n")


def test_text_alone_is_one_part() -> None:
    read = parsed(MailMessage(TO, "s", "text"))
    assert read.get_content_type() == "text/plain"
    assert read["Message-ID"] is None


@given(subject=PARTS, name=PARTS, extra=PARTS)
def test_no_text_begins_another_header_or_is_lost(subject: str, name: str, extra: str) -> None:
    message = MailMessage(Mailbox("a@b", name), subject, "body", headers=(("X-Extra", extra),))
    data = render(message, Mailbox("c@d", name))
    head = data.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [b"From", b"To", b"Subject", b"Date", b"X-Extra", *names[5:]]
    assert {name.lower() for name in names[5:]} == {
        b"content-type",
        b"content-transfer-encoding",
        b"mime-version",
    }
    assert data.isascii()
    assert raw_header(data, "Subject").strip() == subject.strip()
    assert raw_header(data, "X-Extra").strip() == extra.strip()
    phrase, address = parseaddr(email.message_from_bytes(data)["To"])
    assert (str(make_header(decode_header(phrase))).strip(), address) == (name.strip(), "a@b")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_arrives_without_bare_line_ends(text: str) -> None:
    data = render(MailMessage(TO, "s", text, text), SENDER)
    rest = data.replace(b"\r\n", b"")
    assert b"\r" not in rest
    assert b"\n" not in rest
    assert b"\0" not in data
    assert max(map(len, data.split(b"\r\n"))) <= 78


@given(PARTS)
def test_any_text_is_an_address_that_smtplib_understands_or_refused(text: str) -> None:
    try:
        mailbox = Mailbox(text)
    except InvalidInput:
        return
    assert smtplib.quoteaddr(mailbox.address) == f"<{mailbox.address}>"


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("alice@example.org", Mailbox("alice@example.org")),
        (" Alice <alice@example.org> ", Mailbox("alice@example.org", "Alice")),
        ('"Alice, Dr." <a+b@localhost>', Mailbox("a+b@localhost", "Alice, Dr.")),
        ("<o'hara@example.org>", Mailbox("o'hara@example.org")),
        ("jörg@exämple.org", Mailbox("jörg@exämple.org")),
    ],
)
def test_mailboxes_are_read(text: str, mailbox: Mailbox) -> None:
    assert Mailbox.of(text) == mailbox


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "alice@",
        "@example.org",
        "a@b@c",
        "a b@c",
        "a..b@c",
        "a@b.",
        "a@b,c@d",
        "a@b\r\nRCPT TO:<c@d>",
        "Alice\r\nBcc: c@d <a@b>",
        "<a@b> <c@d",
        "a@b>",
        "a@b\u202e",
        "a\u3000b@c",
        "a@b\ud800",
        "a" * 250 + "@b.cd",
    ],
)
def test_what_is_no_mailbox_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Mailbox.of(text)


@pytest.mark.parametrize(
    "message",
    [
        MailMessage(TO, "a\nBcc: b@c", "text"),
        MailMessage(TO, "a\rb", "text"),
        MailMessage(TO, "a\0b", "text"),
        MailMessage(TO, "a\u2028b", "text"),
        MailMessage(TO, "a\ud800", "text"),
        MailMessage(TO, "s", "a\ud800"),
        MailMessage(TO, "s", "text", "a\ud800"),
        MailMessage(TO, "s", "text", message_id="no brackets"),
        MailMessage(TO, "s", "text", message_id="<a@b>\r\nX: y"),
        MailMessage(TO, "s", "text", headers=(("X-A", "b\r\nBcc: c@d"),)),
        MailMessage(TO, "s", "text", headers=(("X-A: b\r\nBcc", "c@d"),)),
        MailMessage(TO, "s", "text", headers=(("", "x"),)),
        MailMessage(TO, "s", "text", headers=(("BCC", "c@d"),)),
        MailMessage(TO, "s", "text", headers=(("Content-Type", "text/html"),)),
        MailMessage(TO, "s", "text", headers=(("Resent-Date", "x"),)),
    ],
)
def test_what_could_inject_is_refused(message: MailMessage) -> None:
    with pytest.raises(InvalidInput):
        render(message, SENDER)
