"""Who gets a mail: addresses, several joined by `;`, and the people behind `role:<name>`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from workflows.connectors.mail import Mailbox
from workflows.engine.expressions.places import split_addresses
from workflows.errors import InvalidInput
from workflows.models import Role

ROLE = "role:"


class Recipient(NamedTuple):
    """An address, or what was given in place of one and why it is none."""

    address: str
    problem: str = ""


def resolve(recipients: Iterable[str]) -> list[Recipient]:
    """Each person once, in the order named; roles and their members are read live."""
    people: dict[str, Recipient] = {}
    for text in split_addresses(recipients):
        for one in _resolve_one(text):
            people.setdefault(one.address.casefold(), one)
    return list(people.values())


def _resolve_one(text: str) -> Iterator[Recipient]:
    if text.casefold().startswith(ROLE):
        yield from _people_of(text)
        return
    try:
        yield Recipient(Mailbox.of(text).address)
    except InvalidInput as error:
        yield Recipient(text, str(error))


def _people_of(text: str) -> Iterable[Recipient]:
    """The role's own mailbox, or where it has none those of its members."""
    role = Role.objects.filter(name__iexact=text[len(ROLE) :].strip(), enabled=True).first()
    if role is None:
        return [Recipient(text, f"'{text}' names no role.")]
    if role.email_address:
        return [Recipient(role.email_address)]
    members = role.members.filter(is_active=True).exclude(email="").order_by("pk")
    found = [Recipient(member.email) for member in members]
    return found or [Recipient(text, f"Nobody of '{text}' has an address.")]
