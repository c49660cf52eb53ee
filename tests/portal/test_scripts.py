"""Administration → Scripts: stored, uploaded, changed, kept while a workflow uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import builders
from tests.portal.conftest import Visitors
from workflows.models import Role, Script
from workflows.vocabulary.permissions import Permission

if TYPE_CHECKING:
    from tests.world import World

HOSTILE = "<script>alert(1)</script> \u202eשלום 🦄"


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(Role.objects.get(immutable=True).members.get())
    return client


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("hello.ps1", content)


def test_a_script_is_stored_shown_changed_and_deleted(admin: Client) -> None:
    given = {"name": "Hello 🦄", "contents": f"return @{{}}\r\n# {HOSTILE}", "for_workflows": "on"}
    assert admin.post(reverse("portal:script_new"), given).status_code == 302
    script = Script.objects.get()
    assert (script.contents, script.categories) == (f"return @{{}}\n# {HOSTILE}", [6])
    assert "Hello 🦄" in admin.get(reverse("portal:scripts")).text
    page = admin.get(reverse("portal:script", args=[script.pk])).text
    assert "&lt;script&gt;alert(1)" in page
    edit = reverse("portal:script_edit", args=[script.pk])
    shown = dict(admin.get(edit).context["hidden"])
    assert admin.post(edit, {**shown, "contents": "return"}).status_code == 302
    script.refresh_from_db()
    assert (script.name, script.contents, script.categories) == ("Hello 🦄", "return", [])
    assert admin.post(reverse("portal:script_delete", args=[script.pk])).status_code == 302
    assert not Script.objects.exists()


def test_a_file_takes_the_place_of_the_text(admin: Client) -> None:
    given = {"name": "Hello", "contents": "old", "file": upload("\ufeffreturn 'ä'".encode())}
    assert admin.post(reverse("portal:script_new"), given).status_code == 302
    assert Script.objects.get().contents == "return 'ä'"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 4000}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "taken"}, "name"),
        ({"contents": ""}, "contents"),
        ({"contents": "x" * 1_000_001}, "contents"),
        ({"contents": "a\0b"}, "contents"),
        ({"file": b"\xff\xfe\x00"}, "file"),
        ({"file": b"x" * 1_000_001}, "file"),
        ({"file": b"a\x00b"}, "file"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(admin: Client, given: dict[str, object], field: str) -> None:
    Script.objects.create(name="Taken", contents="")
    if isinstance(given.get("file"), bytes):
        given = {**given, "file": upload(given["file"])}  # type: ignore[arg-type]
    answer = admin.post(reverse("portal:script_new"), {"name": "New", "contents": "return", **given})
    assert answer.status_code in (400, 409)
    assert answer.context["form"].errors[field]
    assert Script.objects.count() == 1


def test_a_file_of_fifty_megabytes_leaves_what_was_typed(admin: Client) -> None:
    given = {"name": "Kept", "contents": "return 'kept'", "file": upload(b"x" * (50 * 1024 * 1024))}
    answer = admin.post(reverse("portal:script_new"), given)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {"file": ["The file is larger than 1 MB, so it is no script."]}
    assert 'value="Kept"' in answer.text
    assert "return &#x27;kept&#x27;" in answer.text


def test_categories_of_others_stay(admin: Client) -> None:
    script = Script.objects.create(name="Old", contents="1", categories=[2, 6])
    edit = reverse("portal:script_edit", args=[script.pk])
    admin.post(edit, {**dict(admin.get(edit).context["hidden"]), "contents": "2"})
    script.refresh_from_db()
    assert script.categories == [2]


def test_a_script_in_use_is_kept(admin: Client) -> None:
    script = Script.objects.create(name="Used", contents="1", categories=[6])
    version = builders.publish(builders.noops(2))
    step = {"ExtensionName": "CustomPowerShell", "ConfigurationParameters": {"ScriptName": "Used"}}
    version.definition.versions.create(number=2, display_name="Draft", steps=[*version.steps, step])
    assert admin.post(reverse("portal:script_delete", args=[script.pk])).status_code == 409
    edit = reverse("portal:script_edit", args=[script.pk])
    refused = admin.post(edit, {**dict(admin.get(edit).context["hidden"]), "contents": "2"})
    assert refused.status_code == 409
    assert "must stay" in refused.text
    assert Script.objects.get().contents == "1"


def test_who_only_reads_sees_no_button(world: World) -> None:
    person = builders.user("reader")
    builders.role("Readers", person, permissions=[Permission.SCRIPTS_READ])
    script = Script.objects.create(name="Hello", contents="1")
    client = Client()
    client.force_login(person)
    page = client.get(reverse("portal:script", args=[script.pk])).text
    assert "Delete" not in page
    assert client.post(reverse("portal:script_delete", args=[script.pk])).status_code == 403


def test_strangers_are_refused(visit: Visitors) -> None:
    assert visit("stranger").get(reverse("portal:scripts")).status_code == 403
