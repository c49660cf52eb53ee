"""A form that was opened before somebody else saved says so, shows what holds now, and overwrites nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from workflows.models import CertificateTemplate, MetadataField, Role, Script, User

if TYPE_CHECKING:
    from tests.world import World

Row = User | Role | CertificateTemplate | MetadataField | Script
Case = tuple[str, Row, str, str]  # page, row, the field that is changed, its label


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(Role.objects.get(immutable=True).members.get())
    return client


CASES: dict[str, Callable[[World], Case]] = {
    "user": lambda world: ("user_edit", world.requester, "full_name", "Full name"),
    "role": lambda world: ("role_edit", world.approvers, "description", "Description"),
    "template": lambda world: (
        "template_edit",
        CertificateTemplate.objects.get(common_name="WebServer"),
        "display_name",
        "Name",
    ),
    "metadata field": lambda world: (
        "metadata_field",
        MetadataField.objects.create(name="Room", display_order=1),
        "description",
        "Description",
    ),
    "script": lambda world: (
        "script_edit",
        Script.objects.create(name="Hello", contents="'hi'", categories=[6]),
        "contents",
        "Script",
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, world: World) -> Case:
    return CASES[request.param](world)


def filled(page: Any) -> dict[str, Any]:
    """What a browser would send of the form as it is shown."""
    shown = {field.html_name: field.value() for field in page.context["form"]}
    sent = {name: value for name, value in shown.items() if value is not None and value is not False}
    return dict(page.context["hidden"]) | sent


def test_a_stale_form_overwrites_nothing(admin: Client, case: Case) -> None:
    page, row, field, label = case
    address = reverse(f"portal:{page}", args=[row.pk])
    mine, theirs = filled(admin.get(address)), filled(admin.get(address))
    assert admin.post(address, theirs | {field: "Theirs"}).status_code == 302
    refused = admin.post(address, mine | {field: "Mine, typed with care"})
    assert refused.status_code == 409
    assert "Somebody has changed it meanwhile" in refused.text
    assert "Mine, typed with care" in refused.text
    assert refused.context["current"] == {label: "Theirs"}
    row.refresh_from_db()
    assert getattr(row, field) == "Theirs"


def test_who_has_seen_the_new_state_may_save(admin: Client, case: Case) -> None:
    page, row, field, _label = case
    address = reverse(f"portal:{page}", args=[row.pk])
    mine, theirs = filled(admin.get(address)), filled(admin.get(address))
    admin.post(address, theirs | {field: "Theirs"})
    shown_again = admin.post(address, mine | {field: "Mine"})
    given = mine | dict(shown_again.context["hidden"]) | {field: "Mine"}
    assert admin.post(address, given).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == "Mine"


def test_a_form_that_does_not_say_what_it_showed_is_stale(admin: Client, case: Case) -> None:
    page, row, field, _label = case
    address = reverse(f"portal:{page}", args=[row.pk])
    given = filled(admin.get(address)) | {field: "Forged"}
    del given["expected"]
    assert admin.post(address, given).status_code == 409


def test_a_template_says_its_choices_in_words(admin: Client) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    address = reverse("portal:template_edit", args=[template.pk])
    mine = filled(admin.get(address))
    keys = [key for key in mine["keys"] if "P-256" in key or "P256" in key] or mine["keys"][:1]
    CertificateTemplate.objects.filter(pk=template.pk).update(validity_days=7)
    current = admin.post(address, mine | {"keys": keys, "key_usage": ["DigitalSignature"]}).context["current"]
    assert current["Valid for days"] == 7
    assert not any("{" in str(key) for key in current["Allowed keys"])
