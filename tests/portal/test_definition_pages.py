"""Workflow → Definitions: list, page, settings, copy, import, publish, enable, delete."""

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
from tests.portal.editing import new_definition, url
from workflows.actions import definitions
from workflows.models import AuditEntry, CertificateTemplate, Definition, DefinitionVersion, Event
from workflows.vocabulary.workflow_types import WorkflowType

if TYPE_CHECKING:
    from tests.world import World

Visitors = Callable[[str], Client]
HOSTILE = '<b onmouseover="x()">\u202eABC 🦄 שלום'


def test_the_list_says_type_keys_versions_and_state(visit: Visitors, version: DefinitionVersion) -> None:
    page = visit("operator").get(reverse("portal:definitions")).text
    assert "WebServer with approval" in page
    assert CertificateTemplate.objects.get(common_name="WebServer").display_name in page
    assert "Active" in page


def test_the_list_is_searched_sorted_and_paged(visit: Visitors, version: DefinitionVersion) -> None:
    for number in range(30):
        builders.publish(builders.noops(2), name=f"Expiry {number:02}")
    client, address = visit("operator"), reverse("portal:definitions")
    found = client.get(address, {"query": 'DisplayName -contains "Expiry 07"'}).text
    assert "Expiry 07" in found
    assert "Expiry 08" not in found
    assert "Expiry 29" in client.get(address, {"sort": "DisplayName", "descending": 1}).text
    assert client.get(address, {"page": 2}).status_code == 200
    assert client.get(address, {"query": "Nonsense -eq 1"}).status_code == 400


@pytest.mark.parametrize("rows", [1, 40])
def test_the_list_needs_few_queries(visit: Visitors, rows: int) -> None:
    for number in range(rows):
        builders.publish(builders.noops(2), name=f"Expiry {number:02}", keys=[str(number + 1)])
    client = visit("operator")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(reverse("portal:definitions"))
    assert len(queries) <= 25


def test_a_definition_shows_every_version(visit: Visitors, version: DefinitionVersion) -> None:
    client = visit("operator")
    page = client.get(url("definition", version)).text
    assert "<svg" in page
    assert "Decided by Approvers" in page
    assert client.get(url("definition", version), {"version": 9}).status_code == 404
    assert client.get(url("definition", version), {"version": "9" * 40}).status_code == 404


def test_a_new_definition_begins_with_start_and_end(visit: Visitors) -> None:
    answer = new_definition(visit("operator"))
    made = Definition.objects.get(latest__display_name="Two approvals")
    assert answer.url == reverse("portal:definition_editor", args=[made.guid])
    assert made.latest is not None
    assert [step["UniqueName"] for step in made.latest.steps] == ["StartNOOP", "EndNOOP", "KeyfactorEnroll"]


def test_the_type_comes_first(visit: Visitors) -> None:
    client, address = visit("operator"), reverse("portal:definition_new")
    assert "Enrollment (Including Renewals)" in client.get(address).text
    assert client.get(address, {"type": "Nonsense"}).status_code == 200


def test_a_taken_key_is_said_at_the_keys_and_what_was_typed_stays(
    visit: Visitors, version: DefinitionVersion
) -> None:
    taken = [key.value for key in version.definition.keys.all()]
    answer = new_definition(visit("operator"), display_name=HOSTILE, keys=taken)
    assert answer.status_code == 409
    assert "serves key" in answer.text
    assert "&lt;b onmouseover" in answer.text
    assert "<b onmouseover" not in answer.text


def test_a_name_of_4000_characters_is_refused_at_the_field(visit: Visitors) -> None:
    answer = new_definition(visit("operator"), display_name="x" * 4000)
    assert answer.status_code == 400
    assert 'id="id_display_name_error"' in answer.text


def test_hostile_names_are_shown_as_text(visit: Visitors) -> None:
    new_definition(visit("operator"), display_name=HOSTILE, description=HOSTILE * 50)
    made = Definition.objects.get(latest__display_name=HOSTILE)
    for name in ("definition", "definition_editor", "definition_settings", "definition_delete"):
        page = visit("operator").get(reverse(f"portal:{name}", args=[made.guid])).text
        assert "<b onmouseover" not in page


def test_a_stale_settings_form_is_refused_with_the_new_state(
    visit: Visitors, version: DefinitionVersion
) -> None:
    client, address = visit("operator"), url("definition_settings", version)
    state = client.get(address).context["hidden"][0][1]
    first = client.post(address, {"display_name": "First", "description": "", "expected": state})
    second = client.post(address, {"display_name": "Second", "description": "", "expected": state})
    assert first.status_code == 302
    assert second.status_code == 409
    assert "meanwhile" in second.text
    assert "First" in second.text
    assert 'value="Second"' in second.text


def test_keys_that_are_unticked_are_free_again(visit: Visitors, version: DefinitionVersion) -> None:
    client, address = visit("operator"), url("definition_settings", version)
    state = client.get(address).context["hidden"][0][1]
    client.post(address, {"display_name": "Renamed", "description": "", "expected": state})
    assert not version.definition.keys.exists()


def confirmed(client: Client, address: str, **typed: str) -> Any:
    """The answer to the page's own form."""
    expected = client.get(address).context["confirmation"].expected
    return client.post(address, {"expected": expected, **typed})


def test_publishing_after_confirmation(visit: Visitors) -> None:
    client = visit("operator")
    new_definition(client)
    made = Definition.objects.get(latest__display_name="Two approvals")
    address = reverse("portal:definition_publish", args=[made.guid, 1])
    question = client.get(address)
    assert "can never be changed" in question.text
    answer = client.post(address, {"expected": question.context["confirmation"].expected})
    made.refresh_from_db()
    assert answer.status_code == 302
    assert made.published_id == made.latest_id
    stale = client.post(address, {"expected": question.context["confirmation"].expected})
    assert stale.status_code == 409


def test_what_cannot_be_published_is_said_and_no_button_is_offered(visit: Visitors, world: World) -> None:
    client = visit("operator")
    new_definition(client)
    made = Definition.objects.get(latest__display_name="Two approvals")
    steps = builders.chain(builders.approval(roles=[builders.role("Nobody")]))
    definitions.save_steps(made.guid, steps, actor=world.actor("operator"))
    page = client.get(reverse("portal:definition_publish", args=[made.guid, 1])).text
    assert "its roles have 0 member(s) who may approve" in page
    assert "It cannot be done because of this" in page
    assert ">Publish</button>" not in page


def test_waiting_events_start_only_what_was_typed(visit: Visitors, version: DefinitionVersion) -> None:
    client = visit("operator")
    definition = version.definition
    confirmed(client, url("definition_disable", version))
    key = definition.keys.get().value
    Event.objects.create(
        workflow_type=WorkflowType.Enrollment, key=key, occurrence="one", happened_at=timezone.now()
    )
    address = url("definition_enable", version)
    asked = confirmed(client, address)
    wrong = confirmed(client, address, confirmation="RUN 2")
    right = confirmed(client, address, confirmation="RUN 1")
    assert [asked.status_code, wrong.status_code, right.status_code] == [409, 409, 302]


def test_a_new_key_starts_what_waits_only_when_that_is_typed(visit: Visitors) -> None:
    version = builders.publish(builders.noops(2), name="Expiry")
    for occurrence in ("one", "two"):
        Event.objects.create(
            workflow_type=WorkflowType.Expiration, key="7", occurrence=occurrence, happened_at=timezone.now()
        )
    client, address = visit("operator"), url("definition_settings", version)
    form = {"display_name": "Expiry", "keys": "7"}

    def post(**typed: str) -> Any:
        expected = dict(client.get(address).context["hidden"])["expected"]
        return client.post(address, {**form, "expected": expected, **typed})

    asked = post()
    assert asked.status_code == 409
    assert "RUN 2" in asked.text
    assert 'name="confirmation"' in asked.text
    assert post(confirmation="RUN 1").status_code == 409
    assert not version.definition.keys.exists()
    assert post(confirmation="RUN 2").status_code == 302
    assert version.definition.keys.get().value == "7"


def test_a_global_definition_is_neither_disabled_nor_deleted(visit: Visitors) -> None:
    client = visit("operator")
    found = Definition.objects.filter(is_global=True).first()
    assert found is not None
    for name in ("definition_disable", "definition_delete"):
        answer = confirmed(client, reverse(f"portal:{name}", args=[found.guid]))
        assert answer.status_code == 409
        assert "A global definition cannot be" in answer.text


@pytest.mark.parametrize("name", ["definition_enable", "definition_disable", "definition_delete"])
def test_what_somebody_changed_meanwhile_is_asked_again(
    visit: Visitors, version: DefinitionVersion, name: str
) -> None:
    client, definition = visit("operator"), version.definition
    if name == "definition_enable":
        confirmed(client, url("definition_disable", version))
    address = url(name, version)
    expected = client.get(address).context["confirmation"].expected
    form = {"display_name": "Renamed meanwhile", "description": ""}
    seen = client.get(url("definition_settings", version)).context["hidden"][0][1]
    client.post(url("definition_settings", version), {**form, "expected": seen})
    refused = client.post(address, {"expected": expected})
    assert refused.status_code == 409
    assert "changed this definition meanwhile" in refused.text
    assert "Renamed meanwhile" in refused.text
    assert "its latest version is 2, and version 1 is published" in refused.text
    assert client.post(address).status_code == 409
    definition.refresh_from_db()
    assert (name != "definition_enable", None) == (definition.enabled, definition.deleted_at)
    assert client.post(address, {"expected": refused.context["confirmation"].expected}).status_code == 302


def test_deleting_leaves_an_audit_entry(visit: Visitors, version: DefinitionVersion) -> None:
    client = visit("operator")
    assert confirmed(client, url("definition_delete", version)).url == reverse("portal:definitions")
    assert client.get(url("definition", version)).status_code == 404
    assert AuditEntry.objects.filter(immutable_identifier=str(version.definition.guid)).exists()


@pytest.mark.parametrize("chosen", [{"earlier": 1, "later": 2}, {"later": 2}, {}])
def test_versions_are_compared(visit: Visitors, version: DefinitionVersion, chosen: dict[str, int]) -> None:
    """With the one before, unless another is chosen."""
    client = visit("operator")
    editor = client.get(url("definition_editor", version))
    client.post(url("step_remove", version), {"name": "RequireApproval1", "expected": editor.context["etag"]})
    page = client.get(url("definition_compare", version), chosen).text
    assert "removed" in page
    assert "MinimumApprovals" in page


@pytest.mark.parametrize("person", ["stranger", "requester"])
def test_strangers_are_refused(visit: Visitors, version: DefinitionVersion, person: str) -> None:
    client = visit(person)
    for name in (
        "definition",
        "definition_editor",
        "definition_settings",
        "definition_delete",
        "step_choose",
    ):
        assert client.get(url(name, version)).status_code == 403
    for name in ("definitions", "definition_new", "definition_import"):
        assert client.get(reverse(f"portal:{name}")).status_code == 403
    assert client.post(url("step_remove", version), {"name": "EndNOOP"}).status_code == 403
    assert "Definitions" not in client.get(reverse("portal:home")).text
