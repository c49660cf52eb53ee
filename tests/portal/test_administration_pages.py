"""Administration: users, roles, templates, authorities, metadata fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import builders
from tests import world as scenery
from workflows.actions import signing
from workflows.models import (
    ApiToken,
    CertificateAuthority,
    CertificateTemplate,
    MetadataField,
    Role,
    User,
)
from workflows.vocabulary.enrollment import KeyRetentionPolicy, MetadataDataType
from workflows.vocabulary.permissions import Permission

if TYPE_CHECKING:
    from tests.world import World

Visitors = Callable[[str], Client]
HOSTILE = '<b onmouseover="x()">\u202eABC 🦄 שלום'
PASSWORD = "correct horse battery staple"
LISTS = ("users", "roles", "templates", "authorities", "metadata_fields", "audit_log")


@pytest.fixture
def admin(world: World) -> Client:
    person = builders.user("chief")
    builders.role("Chiefs", person, permissions=[Permission.ALL])
    client = Client()
    client.force_login(person)
    return client


def make(client: Client, page: str, /, **given: Any) -> Any:
    return client.post(reverse(f"portal:{page}"), given)


def save(client: Client, address: str, given: dict[str, Any]) -> Any:
    """Send a form as one who has just seen it."""
    return client.post(address, dict(client.get(address).context["hidden"]) | given)


def test_a_user_is_made_and_can_log_in(admin: Client) -> None:
    answer = make(
        admin,
        "user_new",
        account_name="maria",
        full_name=HOSTILE,
        password=PASSWORD,
        time_zone="Europe/Berlin",
    )
    assert answer.status_code == 302
    page = admin.get(answer.url).text
    assert "&lt;b onmouseover" in page
    entered = Client().post(reverse("portal:login"), {"username": "maria", "password": PASSWORD})
    assert entered.status_code == 302


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"account_name": "no blank names"}, "account_name"),
        ({"account_name": "x" * 4000}, "account_name"),
        ({"account_name": "approver"}, "account_name"),
        ({"account_name": "maria", "password": "short"}, "password"),
        ({"account_name": "maria", "time_zone": "Nowhere"}, "time_zone"),
        ({"account_name": "maria", "email": "nobody"}, "email"),
    ],
)
def test_a_wrong_user_is_said_at_the_field(admin: Client, given: dict[str, str], field: str) -> None:
    answer = make(admin, "user_new", **{"time_zone": "UTC", "full_name": "Kept as typed", **given})
    assert answer.status_code in (400, 409)
    assert answer.context["form"].errors[field]
    assert "Kept as typed" in answer.text


def test_a_user_is_edited_disabled_and_enabled(admin: Client, world: World) -> None:
    key = world.requester.pk
    given = {"full_name": "Renate", "email": "renate@keyexample.com", "time_zone": "UTC"}
    assert save(admin, reverse("portal:user_edit", args=[key]), given).status_code == 302
    asked = reverse("portal:user_active", args=[key])
    admin.post(asked, {"expected": "active"})
    assert admin.post(asked, {"expected": "active"}).status_code == 409
    disabled = User.objects.get(pk=key)
    assert (disabled.full_name, disabled.is_active) == ("Renate", False)
    admin.post(reverse("portal:user_active", args=[key]))
    assert User.objects.get(pk=key).is_active


def test_the_last_administrator_stays(admin: Client) -> None:
    role = Role.objects.get(immutable=True)
    last = role.members.get()
    answer = admin.post(reverse("portal:user_active", args=[last.pk]))
    assert answer.status_code == 409
    emptied = admin.post(reverse("portal:role_member_remove", args=[role.pk, last.pk]))
    assert emptied.status_code == 409
    assert "Add another one first" in emptied.text
    assert admin.post(reverse("portal:role_delete", args=[role.pk])).status_code == 409
    assert admin.get(reverse("portal:role_edit", args=[role.pk])).status_code == 409


def test_a_password_is_replaced(admin: Client, world: World) -> None:
    address = reverse("portal:user_password", args=[world.requester.pk])
    assert admin.post(address, {"password": PASSWORD, "again": "another"}).status_code == 400
    assert admin.post(address, {"password": "12345678", "again": "12345678"}).status_code == 400
    assert admin.post(address, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert User.objects.get(pk=world.requester.pk).check_password(PASSWORD)


def test_a_token_of_a_machine_is_shown_once_and_ended(admin: Client) -> None:
    machine = builders.user("robot", is_service=True)
    given = {"name": "nightly", "scopes": [Permission.CERTIFICATES_READ], "expires_on": "2999-12-31"}
    answer = admin.post(reverse("portal:user_token_new", args=[machine.pk]), given)
    text = answer.context["token"]
    token = ApiToken.objects.get()
    assert answer.status_code == 201
    assert text in answer.text
    assert Permission.CERTIFICATES_READ in answer.text.replace("<wbr>", "")
    assert "2999" in answer.text
    page = admin.get(reverse("portal:user", args=[machine.pk])).text
    assert text not in page
    assert token.prefix in page
    assert admin.post(reverse("portal:user_token_end", args=[machine.pk, token.pk])).status_code == 302
    assert not ApiToken.objects.exists()


def test_nobody_makes_a_token_for_another_person(admin: Client, world: World) -> None:
    answer = admin.post(reverse("portal:user_token_new", args=[world.approver.pk]), {"name": "mine"})
    assert answer.status_code == 400
    assert "people make their own" in answer.text


def test_a_role_keeps_only_what_nothing_else_covers(admin: Client, world: World) -> None:
    answer = make(
        admin,
        "role_new",
        name="Readers",
        enabled="on",
        permissions=["/workflows/", Permission.WORKFLOW_INSTANCES_READ, Permission.CERTIFICATES_READ],
    )
    role = Role.objects.get(name="Readers")
    assert answer.url == reverse("portal:role", args=[role.pk])
    assert role.permissions == ["/certificates/collections/read/", "/workflows/"]
    form = admin.get(reverse("portal:role_edit", args=[role.pk])).text
    assert "covered by /workflows/" in form


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "approvers"}, "name"),
        ({"name": "x" * 4000}, "name"),
        ({"name": "New", "permissions": ["/nonsense/"]}, "permissions"),
    ],
)
def test_a_wrong_role_is_said_at_the_field(admin: Client, given: dict[str, Any], field: str) -> None:
    answer = make(admin, "role_new", **given)
    assert answer.status_code in (400, 409)
    assert answer.context["form"].errors[field]


def test_a_role_whose_answer_is_awaited_is_not_disabled(admin: Client, world: World) -> None:
    scenery.needs_approvals(world)
    scenery.enroll(world)
    address = reverse("portal:role_edit", args=[world.approvers.pk])
    sent = {"name": "Approvers", "expected": admin.get(address).context["hidden"][0][1]}
    answer = admin.post(address, sent)
    assert answer.status_code == 409
    assert "1 workflow instance(s) wait for a signal of the role Approvers" in answer.text
    assert Role.objects.get(pk=world.approvers.pk).enabled


def test_a_role_that_a_workflow_names_is_not_deleted(admin: Client, world: World) -> None:
    scenery.needs_approvals(world)
    answer = admin.post(reverse("portal:role_delete", args=[world.approvers.pk]))
    assert answer.status_code == 409
    assert "names the role Approvers" in answer.text


def test_a_template_is_changed(admin: Client) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    address = reverse("portal:template_edit", args=[template.pk])
    shown = {field.html_name: field.value() for field in admin.get(address).context["form"]}
    rule = {"rule_0_part": "CN", "rule_0_regex": r".+\.keyexample\.com", "rule_0_error": HOSTILE}
    given = {**shown, **rule, "validity_days": "90", "enrollment_fields": "Room\nSite: A, B"}
    sent = {name: value for name, value in given.items() if value} | {"key_retention": "0"}
    answer = save(admin, address, sent)
    template.refresh_from_db()
    assert answer.status_code == 302, answer.context["form"].errors
    assert template.validity_days == 90
    assert [field["Name"] for field in template.enrollment_fields] == ["Room", "Site"]
    assert template.regexes.get(subject_part="CN").regex == r".+\.keyexample\.com"
    assert "<b onmouseover" not in admin.get(answer.url).text


def test_a_template_without_keys_or_with_a_wrong_rule_is_refused(admin: Client) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    address = reverse("portal:template_edit", args=[template.pk])
    given = {"display_name": "Web", "validity_days": "90", "key_retention": "0"}
    assert "keys" in save(admin, address, given).context["form"].errors
    assert CertificateTemplate.objects.get(pk=template.pk).validity_days != 90


def test_a_template_shows_what_it_asks_and_what_becomes_of_keys(admin: Client) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.enrollment_fields = [{"Name": "Ticket"}, {"Name": "Zone", "Options": ["inner", "outer"]}]
    template.key_retention = KeyRetentionPolicy.AfterExpiration
    template.save()
    page = admin.get(reverse("portal:template", args=[template.pk])).text
    for words in ("Ticket", "any text", "Zone", "inner", "Kept until the certificate has expired"):
        assert words in page


def test_an_authority_shows_its_chain_and_crls(admin: Client) -> None:
    for authority in CertificateAuthority.objects.all():
        page = admin.get(reverse("portal:authority", args=[authority.pk])).text
        assert "Its own certificate" in page
        assert authority.logical_name in page


def test_a_crl_is_asked_for_and_the_page_follows(admin: Client) -> None:
    authority = CertificateAuthority.objects.get(is_enabled=True)
    page = reverse("portal:authority", args=[authority.pk])
    address = reverse("portal:authority_publish_crl", args=[authority.pk])
    assert "Publish a CRL now?" in admin.get(address).text
    assert "about to publish" in admin.post(address, follow=True).text
    assert "every 3s" in admin.get(page).text
    signing.publish_due_crls(timezone.now())
    settled = admin.get(page).text
    assert "every 3s" not in settled
    assert "Publish a CRL now" in settled


def test_a_ca_whose_key_is_elsewhere_is_asked_for_no_crl(admin: Client) -> None:
    root = CertificateAuthority.objects.get(is_enabled=False)
    assert "Publish a CRL now" not in admin.get(reverse("portal:authority", args=[root.pk])).text
    answer = admin.post(reverse("portal:authority_publish_crl", args=[root.pk]))
    assert answer.status_code == 409
    assert "its key is kept elsewhere" in answer.text


def test_metadata_fields_are_made_changed_and_deleted(admin: Client) -> None:
    given = {"name": "CostCentre", "data_type": "1", "enrollment": "0", "description": HOSTILE}
    assert make(admin, "metadata_field_new", **given).status_code == 302
    field = MetadataField.objects.get(name="CostCentre")
    assert "<b onmouseover" not in admin.get(reverse("portal:metadata_fields")).text
    again = make(admin, "metadata_field_new", **given)
    assert again.status_code == 409
    assert again.context["form"].errors["name"]
    address = reverse("portal:metadata_field", args=[field.pk])
    assert save(admin, address, {**given, "validation": "("}).status_code == 400
    assert save(admin, address, {**given, "hint": "Four digits"}).status_code == 302
    assert admin.post(reverse("portal:metadata_field_delete", args=[field.pk])).status_code == 302
    assert not MetadataField.objects.filter(pk=field.pk).exists()


def test_readers_see_what_a_metadata_field_takes(admin: Client, client: Client) -> None:
    reader = builders.user("reader")
    builders.role("Readers", reader, permissions=[Permission.METADATA_TYPES_READ])
    MetadataField.objects.create(
        name="Stage", data_type=MetadataDataType.MultipleChoice, options="Test, Production"
    )
    MetadataField.objects.create(name="Code", validation="^[A-Z]{3}$", default_value="ABC")
    client.force_login(reader)
    page = client.get(reverse("portal:metadata_fields")).text
    for words in ("Test, Production", "<code>^[A-Z]{3}$</code>", "<bdi>ABC</bdi>"):
        assert words in page


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("name", LISTS)
def test_lists_need_few_queries(admin: Client, name: str, rows: int) -> None:
    for number in range(rows):
        person = builders.user(f"person{number}")
        builders.role(f"Role {number}", person)
        MetadataField.objects.create(name=f"Field{number}")
    with CaptureQueriesContext(connection) as queries:
        assert admin.get(reverse(f"portal:{name}")).status_code == 200
    assert len(queries) <= 25


@pytest.mark.parametrize("name", ["users", "roles", "templates", "audit_log"])
def test_a_query_that_cannot_be_understood_is_said_at_its_field(admin: Client, name: str) -> None:
    answer = admin.get(reverse(f"portal:{name}"), {"query": "Nonsense -eq 1"})
    assert answer.status_code == 400
    assert "filter-query-error" in answer.text


def test_unknown_ids_are_404(admin: Client) -> None:
    for name in ("user", "role", "template", "authority", "metadata_field", "audit_entry", "user_edit"):
        for number in (999999, 10**30):
            assert admin.get(reverse(f"portal:{name}", args=[number])).status_code == 404


def test_a_form_without_its_csrf_token_changes_nothing(admin: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = admin.cookies
    assert make(client, "role_new", name="Forged").status_code == 403
    assert not Role.objects.filter(name="Forged").exists()


@pytest.mark.parametrize("name", LISTS)
def test_strangers_are_refused(visit: Visitors, name: str) -> None:
    assert visit("stranger").get(reverse(f"portal:{name}")).status_code == 403


def test_strangers_change_nothing(visit: Visitors, world: World) -> None:
    client = visit("stranger")
    for name in ("user_new", "role_new", "metadata_field_new"):
        assert client.post(reverse(f"portal:{name}"), {"name": "Mine"}).status_code == 403
    for name, key in (("user_active", world.operator.pk), ("role_delete", world.approvers.pk)):
        assert client.post(reverse(f"portal:{name}", args=[key])).status_code == 403
    assert "Administration" not in client.get(reverse("portal:home")).text
