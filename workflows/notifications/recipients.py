"""Who gets a mail: addresses, several joined by `;`, and the people behind `role:<name>`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from workflows.connectors.mail import Mailbox
from workflows.engine.expressions.places import split_addresses
from workflows.engine.expressions.tokens import find_tokens
from workflows.errors import InvalidInput
from workflows.models import Role, User

ROLE = "role:"
People = Collection[int | None]  # ids; None is whom a row does not name any more
MOST = 200  # written out in one place; more people than that are a role or a mailing list


class Recipient(NamedTuple):
    """An address, or what was given in place of one and why it is none."""

    address: str
    problem: str = ""


def resolve(recipients: Iterable[str]) -> list[Recipient]:
    """Each person once, in the order named; roles and their members are read live, all at once."""
    people: dict[str, Recipient] = {}
    texts = split_addresses(recipients)
    roles = _roles(_role_name(text) for text in texts if _is_role(text))
    for text in texts:
        for one in _resolve_one(text, roles):
            people.setdefault(one.address.casefold(), one)
    return list(people.values())


def approvers(roles: Iterable[Role], *, excluded: People, answered: People) -> list[Recipient]:
    """Those of the roles whose answer is awaited, each once; `excluded` may not answer, `answered` has.

    A role's own mailbox is no person and gets every mail.
    """
    people: dict[str, Recipient] = {}
    rows = Role.objects.filter(pk__in=[role.pk for role in roles], enabled=True).order_by("pk")
    for role in rows.prefetch_related(Prefetch("members", _reachable().filter(is_service=False))):
        for one in _approvers_of(role, excluded, answered):
            people.setdefault(one.address.casefold(), one)
    return list(people.values())


def unreachable(recipients: Iterable[str]) -> list[str]:
    """Why those that are written out get no mail; whom a token names only a run can tell."""
    literal = [each for each in recipients if not find_tokens(each)]
    if (count := len(split_addresses(literal))) > MOST:
        return [f"{count:,} recipients are written out; {MOST} are allowed."]
    return [each.problem for each in resolve(literal) if each.problem]


def _is_role(text: str) -> bool:
    return text.casefold().startswith(ROLE)


def _role_name(text: str) -> str:
    return text[len(ROLE) :].strip().lower()


def _roles(names: Iterable[str]) -> Mapping[str, Role]:
    """The enabled roles of these names in lower case, each with its people who have an address."""
    wanted = set(names)
    if not wanted:
        return {}
    rows = Role.objects.alias(folded=Lower("name")).filter(folded__in=wanted, enabled=True)
    return {row.name.lower(): row for row in rows.prefetch_related(Prefetch("members", _reachable()))}


def _reachable() -> QuerySet[User]:
    return User.objects.filter(is_active=True).exclude(email="").order_by("pk")


def _resolve_one(text: str, roles: Mapping[str, Role]) -> Iterator[Recipient]:
    if _is_role(text):
        yield from _people_of(text, roles.get(_role_name(text)))
        return
    try:
        yield Recipient(Mailbox.of(text).address)
    except InvalidInput as error:
        yield Recipient(text, str(error))


def _people_of(text: str, role: Role | None) -> Iterable[Recipient]:
    """The role's own mailbox, or where it has none those of its members."""
    if role is None:
        return [Recipient(text, f"'{text}' names no role.")]
    if role.email_address:
        return [Recipient(role.email_address)]
    found = [Recipient(member.email) for member in role.members.all()]
    return found or [Recipient(text, f"Nobody of '{text}' has an address.")]


def _approvers_of(role: Role, excluded: People, answered: People) -> Iterable[Recipient]:
    if role.email_address:
        return [Recipient(role.email_address)]
    able = [member for member in role.members.all() if member.pk not in excluded]
    if not able:
        return [Recipient(role.name, f"Nobody of the role '{role.name}' who may answer has an address.")]
    return [Recipient(member.email) for member in able if member.pk not in answered]
