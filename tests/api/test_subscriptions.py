"""/Workflow/Subscriptions from creation to deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests import builders
from tests.api.clients import ApiClient
from tests.subscribers import SECRET
from workflows.connectors.addresses import OutboundPolicy
from workflows.models import AuditEntry, DeliveryState, Subscription, WebhookDelivery
from workflows.vocabulary.auditing import Category, Operation

PATH = "Workflow/Subscriptions"
READ, MODIFY = "/application_settings/read/", "/application_settings/modify/"
WANTED: dict[str, Any] = {
    "Name": "Inventory",
    "URL": "https://inventory.keyexample.com/hook?token=hidden",
    "Secret": {"SecretValue": SECRET},
    "Changes": ["Complete", "Failed"],
}
UNKNOWN = "6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"


def test_a_subscription_from_beginning_to_end(admin: ApiClient) -> None:
    definition = builders.publish(builders.noops(2)).definition
    made = admin.post(PATH, WANTED | {"DefinitionId": str(definition.guid)}).json()
    assert made == WANTED | {
        "Id": made["Id"],
        "Secret": None,
        "Changes": ["Failed", "Complete"],
        "DefinitionId": str(definition.guid),
        "Enabled": True,
        "Failures": 0,
        "LastError": "",
        "LastDelivery": None,
        "PausedUntil": None,
    }
    one = f"{PATH}/{made['Id']}"
    assert admin.get(one).json() == made
    assert admin.get(f"{PATH}?QueryString=Name -contains invent").json() == [made]
    changed = admin.put(one, {"Enabled": False, "Secret": None, "DefinitionId": None}).json()
    assert changed == made | {"Enabled": False, "DefinitionId": None}
    assert admin.delete(one).status_code == 204
    assert admin.get(one).status_code == 404
    entries = AuditEntry.objects.filter(category=Category.Subscription).order_by("pk")
    assert [entry.operation for entry in entries] == [
        Operation.Created,
        Operation.Updated,
        Operation.Deleted,
    ]
    written = str([(entry.before, entry.after) for entry in entries])
    assert "https://inventory.keyexample.com/hook?…" in written
    assert "hidden" not in written
    assert "whsec" not in written


def test_changes_are_numbers_for_existing_clients(admin: ApiClient) -> None:
    made = admin.at("/KeyfactorAPI/").post(PATH, WANTED | {"Changes": [4, "suspended"]}).json()
    assert made["Changes"] == [2, 4]


def test_the_secret_is_stored_sealed_and_kept_by_null(admin: ApiClient) -> None:
    made = admin.post(PATH, WANTED).json()
    before = Subscription.objects.get()
    assert SECRET.encode() not in bytes(before.secret)
    admin.put(f"{PATH}/{made['Id']}", {"Name": "Other", "Secret": None})
    assert bytes(Subscription.objects.get().secret) == bytes(before.secret)
    admin.put(f"{PATH}/{made['Id']}", {"Secret": {"SecretValue": "whsec_" + "B" * 40}})
    assert bytes(Subscription.objects.get().secret) != bytes(before.secret)


def test_nobody_overwrites_what_he_has_not_seen(admin: ApiClient) -> None:
    made = admin.post(PATH, WANTED)
    one = f"{PATH}/{made.json()['Id']}"
    headers = {"If_Match": made.headers["ETag"]}
    assert admin.put(one, {"Enabled": False}, **headers).status_code == 200
    assert admin.put(one, {"Enabled": True}, **headers).status_code == 409
    assert admin.delete(one, **headers).status_code == 409


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"Name": ""}, "Name"),
        ({"Name": "  "}, "Name"),
        ({"URL": "ftp://example.com"}, "http"),
        ({"URL": "https://user:pw@example.com/"}, "user name"),
        ({"URL": "https://example.com/" + "x" * 2000}, "URL"),
        ({"Secret": None}, "Secret"),
        ({"Secret": SECRET}, "Expected"),
        ({"Secret": {"SecretValue": "short"}}, "24 to 64"),
        ({"Secret": {"SecretValue": "whsec_ÄÖÜ"}}, "24 to 64"),
        ({"Changes": []}, "one or more of Suspended"),
        ({"Changes": ["Running"]}, "Must be one of Suspended (2), Failed (3), Complete (4)"),
        ({"Changes": [0]}, "Must be one of Suspended (2), Failed (3), Complete (4)"),
        ({"Changes": ["Nothing"]}, "Must be one of Suspended (2), Failed (3), Complete (4)"),
        (
            {"URL": "http://127.0.0.2/"},
            "do not allow 127.0.0.2; an administrator may add it",
        ),
        ({"URL": "https://[::1]/hook"}, "do not allow ::1"),
        ({"URL": "https://10.1.2.3:8443/hook"}, "do not allow 10.1.2.3"),
        ({"Changes": "Complete"}, "Changes"),
        ({"DefinitionId": UNKNOWN}, "no workflow definition"),
        ({"DefinitionId": "x"}, "DefinitionId"),
        ({"Enabled": "perhaps"}, "Enabled"),
    ],
)
def test_a_bad_one_is_refused(admin: ApiClient, fields: dict[str, Any], hint: str) -> None:
    answer = admin.post(PATH, WANTED | fields)
    assert answer.status_code == 400
    assert hint in answer.json()["Message"]
    assert SECRET not in answer.text
    assert not Subscription.objects.exists()


def test_an_address_that_is_refused_by_now_does_not_keep_it_from_being_disabled(
    admin: ApiClient, settings: Settings
) -> None:
    made = admin.post(PATH, WANTED | {"URL": "http://127.0.0.1/hook"}).json()
    settings.OUTBOUND_POLICY = OutboundPolicy.of()
    changed = admin.put(f"{PATH}/{made['Id']}", {"URL": made["URL"], "Enabled": False})
    assert changed.json()["Enabled"] is False
    assert admin.put(f"{PATH}/{made['Id']}", {"URL": "http://127.0.0.1/"}).json()["ErrorCode"] == "0xC001000B"


def test_a_name_is_taken_once(admin: ApiClient) -> None:
    assert admin.post(PATH, WANTED).status_code == 200
    taken = admin.post(PATH, WANTED | {"Name": "INVENTORY"})
    assert taken.status_code == 409
    assert "another subscription named INVENTORY. Choose another name" in taken.json()["Message"]


def test_its_messages_are_listed(admin: ApiClient) -> None:
    made = admin.post(PATH, WANTED).json()
    instance = builders.run(builders.publish(builders.noops(2)))
    (row,) = admin.get(f"{PATH}/{made['Id']}/Deliveries").json()
    assert (row["Change"], row["State"], row["Attempts"], row["StatusCode"]) == (
        "Complete",
        "Queued",
        0,
        None,
    )
    assert row["Data"]["InstanceId"] == str(instance.guid)
    assert admin.get(f"{PATH}/{made['Id']}/Deliveries?QueryString=State -eq Failed").json() == []


def test_its_newest_message_comes_first(admin: ApiClient) -> None:
    path = f"{PATH}/{admin.post(PATH, WANTED).json()['Id']}/Deliveries"
    version = builders.publish(builders.noops(2))
    guids = [str(builders.run(version).guid) for _ in range(3)]

    def told(query: str = "") -> list[str]:
        return [row["Data"]["InstanceId"] for row in admin.get(path + query).json()]

    assert told() == told("?SortAscending=1") == told("?ReturnLimit=3&SortField=") == guids[::-1]
    assert told("?SortAscending=0") == told("?SortField=CreatedOn") == guids
    assert told("?ReturnLimit=1") == guids[-1:]


def test_only_what_is_queued_has_a_next_attempt(admin: ApiClient) -> None:
    path = f"{PATH}/{admin.post(PATH, WANTED).json()['Id']}/Deliveries"
    builders.run(builders.publish(builders.noops(2)))
    for state, is_coming in {"Queued": True, "Delivered": False, "Failed": False}.items():
        WebhookDelivery.objects.update(state=DeliveryState[state])
        (row,) = admin.get(path).json()
        assert (row["State"], row["NextAttempt"] is not None) == (state, is_coming)


def test_reading_and_changing_are_two_permissions(caller: Callable[..., ApiClient]) -> None:
    reader, changer = caller(READ), caller(MODIFY)
    made = changer.post(PATH, WANTED).json()
    assert reader.get(PATH).json() == [made]
    assert changer.get(PATH).status_code == 403
    for call in (
        reader.post(PATH, WANTED),
        reader.put(f"{PATH}/{made['Id']}", {}),
        reader.delete(f"{PATH}/x"),
    ):
        assert call.status_code == 403
