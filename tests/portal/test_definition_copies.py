"""Definitions as copies and files: copy, export, import."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import builders
from tests.portal.editing import url
from workflows.engine import comparing
from workflows.models import Definition, DefinitionVersion

if TYPE_CHECKING:
    from tests.world import World

Visitors = Callable[[str], Client]
HOSTILE = '<b onmouseover="x()">\u202eABC 🦄 שלום'


def test_a_copy_has_the_steps_but_not_the_keys(visit: Visitors, version: DefinitionVersion) -> None:
    visit("operator").post(url("definition_copy", version), {"display_name": "The copy"})
    copy = Definition.objects.get(latest__display_name="The copy")
    assert copy.latest is not None
    assert [step["UniqueName"] for step in copy.latest.steps] == [
        step["UniqueName"] for step in version.steps
    ]
    assert not copy.keys.exists()


def test_a_copy_keeps_the_secrets_of_its_steps(visit: Visitors) -> None:
    values = {"URL": "https://hooks.keyexample.com/", "SigningSecret": {"SecretValue": "whsec_" + "A" * 32}}
    secret = builders.publish(
        builders.chain(builders.step("Webhook", "Tell", ConfigurationParameters=values))
    )
    visit("operator").post(url("definition_copy", secret), {"display_name": "The copy"})
    copy = Definition.objects.get(latest__display_name="The copy")
    assert copy.latest is not None
    assert comparing.compare(secret.steps, copy.latest.steps) == []


def test_an_export_comes_back_by_import(visit: Visitors, version: DefinitionVersion) -> None:
    client = visit("operator")
    exported = client.get(url("definition_export", version)).content
    assert json.loads(exported)["Steps"][1]["Signals"][0]["Roles"][0]["RoleName"]
    file = SimpleUploadedFile("definition.json", exported)
    answer = client.post(reverse("portal:definition_import"), {"file": file})
    assert answer.status_code == 302
    made = Definition.objects.exclude(pk=version.definition_id).get(
        latest__display_name="WebServer with approval"
    )
    assert made.latest is not None
    assert comparing.compare(version.steps, made.latest.steps) == []


def test_an_import_says_what_must_be_done_before_it_is_published(visit: Visitors, world: World) -> None:
    values = {"URL": "https://hooks.keyexample.com/", "SigningSecret": None}
    steps = builders.chain(
        builders.step("Webhook", "Tell", ConfigurationParameters=values),
        builders.step("RequireApproval", "Ask", Signals=[{"SignalName": "ApprovalStatus", "RoleIds": []}]),
    )
    document = json.dumps({"DisplayName": "Sent", "WorkflowType": "Expiration", "Steps": steps})
    page = visit("operator").post(reverse("portal:definition_import"), {"document": document}, follow=True)
    assert "needs the parameter SigningSecret" in page.text
    assert "needs a signal with at least one role" in page.text
    given = {"document": document, "roles": [world.approvers.pk]}
    page = visit("operator").post(reverse("portal:definition_import"), given, follow=True)
    assert "needs a signal" not in page.text
    assert "names roles by ids" not in page.text


def test_an_import_says_which_roles_the_ids_of_a_file_are_here(visit: Visitors, world: World) -> None:
    steps = builders.chain(builders.approval("Ask", roles=[world.approvers]))
    document = json.dumps({"DisplayName": "Sent", "WorkflowType": "Expiration", "Steps": steps})
    page = visit("operator").post(reverse("portal:definition_import"), {"document": document}, follow=True)
    assert f"here they are {world.approvers.pk} Approvers" in page.text


def test_an_import_with_unknown_roles_and_steps_tells_all_and_changes_nothing(visit: Visitors) -> None:
    signals = [{"SignalName": "ApprovalStatus", "Roles": [{"RoleName": "Nobody"}]}]
    steps = builders.chain(
        builders.step("RequireApproval", "Ask", Signals=signals), builders.step("Nonsense", "What")
    )
    document = json.dumps({"DisplayName": "Sent", "WorkflowType": "Expiration", "Steps": steps})
    before = Definition.objects.count()
    page = visit("operator").post(reverse("portal:definition_import"), {"document": document})
    assert page.status_code == 400
    assert "Nobody" in page.text
    assert "no step type Nonsense" in page.text
    assert Definition.objects.count() == before


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no JSON",
        "[]",
        '{"Steps": 3}',
        '{"Steps": [3]}',
        '{"Steps": [{"UniqueName": "a", "ExtensionName": "NOOPStep", "Outputs": "x"}]}',
        '{"Steps": [{"UniqueName": "a", "ExtensionName": "NOOPStep", "Signals": [{"SignalName": 3}]}]}',
        '{"DisplayName": "x", "WorkflowType": "Nonsense", "Steps": []}',
        '{"DisplayName": ["x"], "WorkflowType": "Expiration", "Steps": []}',
        '{"DisplayName": "x", "WorkflowType": "Expiration", "Enabled": "no", "Steps": []}',
        "[" * 200_000,
        '{"a":' * 20_000,
        r'{"DisplayName": "a\u0000", "WorkflowType": "Expiration", "Steps": []}',
        r'{"DisplayName": "a", "Description": "\ud800", "WorkflowType": "Expiration", "Steps": []}',
        r'{"Steps": [{"UniqueName": "a\u0000", "ExtensionName": "NOOPStep"}]}',
        '{"Steps": NaN}',
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_definition_is_refused(visit: Visitors, document: str) -> None:
    answer = visit("operator").post(reverse("portal:definition_import"), {"document": document})
    assert answer.status_code == 400
    assert answer.context["form"].errors


def test_an_import_that_cannot_be_stored_says_where(visit: Visitors) -> None:
    document = r'{"DisplayName": "a\u0000", "WorkflowType": "Expiration", "Steps": []}'
    answer = visit("operator").post(reverse("portal:definition_import"), {"document": document})
    (told,) = answer.context["form"].errors["document"]
    assert told == "DisplayName holds a NUL character or half of a surrogate pair. Remove it."


def test_an_import_is_disabled_as_its_file_says(visit: Visitors) -> None:
    steps = builders.chain()
    document = {"DisplayName": "Off", "WorkflowType": "Expiration", "Enabled": False, "Steps": steps}
    visit("operator").post(reverse("portal:definition_import"), {"document": json.dumps(document)})
    assert not Definition.objects.get(latest__display_name="Off").enabled


def test_a_file_of_fifty_megabytes_is_refused_at_the_field(visit: Visitors) -> None:
    file = SimpleUploadedFile("huge.json", b"[" * (50 * 1024 * 1024))
    given = {"document": "typed", "file": file}
    answer = visit("operator").post(reverse("portal:definition_import"), given)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {
        "file": ["The file is larger than 1 MB, so it is no definition."]
    }
    assert "typed</textarea>" in answer.text
