"""Administration → Application Settings, and the documentation link that it sets."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.api.clients import person
from workflows.models import AppSettingValue

PAGE = "/administration/settings"
READ, MODIFY = "/application_settings/read/", "/application_settings/modify/"

pytestmark = pytest.mark.django_db


def browser(name: str, *permissions: str) -> Client:
    client = Client()
    client.force_login(person(name, *permissions))
    return client


@pytest.fixture
def chief() -> Client:
    return browser("chief", READ, MODIFY)


def sent(client: Client) -> dict[str, Any]:
    """What a browser would send of the page as it stands."""
    form = client.get(PAGE).context["form"]
    values: dict[str, Any] = {}
    for each in form.standings:
        name, value = each.setting.name, each.value
        is_list = name == "PurgeStatuses"
        values |= {name: value.split(",") if is_list else value}
        values |= {f"shown_{name}": value, f"seen_{name}": each.row.version}
    return values


def stored() -> dict[str, str | None]:
    return dict(AppSettingValue.objects.values_list("name", "value"))


def test_only_what_was_typed_is_changed(chief: Client) -> None:
    answer = chief.post(PAGE, sent(chief) | {"PurgeAgeDays": "90", "PurgeStatuses": ["Complete"]})
    assert answer.status_code == 302
    assert stored() == {"PurgeAgeDays": "90", "PurgeStatuses": "Complete"}
    page = chief.get(PAGE).text
    assert "Default: empty." in page
    assert "Changed by COUNTERSIGN\\chief" in page


def test_the_default_comes_back_by_its_button(chief: Client) -> None:
    chief.post(PAGE, sent(chief) | {"PurgeAgeDays": "90"})
    buttons = re.findall(r'name="reset" value="([^"]*)"', chief.get(PAGE).text)
    assert buttons == ["PurgeAgeDays 1"]
    assert chief.post(PAGE, {"reset": buttons[0]}).status_code == 302
    assert stored() == {"PurgeAgeDays": None}
    assert chief.post(PAGE, {"reset": buttons[0]}).status_code == 409


def test_a_wrong_value_is_said_at_its_field_and_nothing_is_stored(chief: Client) -> None:
    answer = chief.post(PAGE, sent(chief) | {"PurgeAgeDays": "90", "EnrollWaitSeconds": "121"})
    assert answer.status_code == 400
    assert answer.context["form"].errors == {
        "EnrollWaitSeconds": ["It must be a whole number from 0 to 120."]
    }
    assert 'value="121"' in answer.text
    assert stored() == {}


def test_nobody_overwrites_what_he_has_not_seen(chief: Client) -> None:
    opened = sent(chief)
    other = browser("other", READ, MODIFY)
    other.post(PAGE, sent(other) | {"PurgeAgeDays": "30", "DocumentationUrl": "https://docs.example/"})
    answer = chief.post(PAGE, opened | {"PurgeAgeDays": "90"})
    assert answer.status_code == 409
    assert "changed meanwhile by COUNTERSIGN\\other" in answer.text
    fields = answer.context["form"]
    assert (fields["PurgeAgeDays"].value(), fields["DocumentationUrl"].value()) == (
        "90",
        "https://docs.example/",
    )
    assert stored()["PurgeAgeDays"] == "30"
    again = sent(chief) | {"PurgeAgeDays": "90"}
    assert chief.post(PAGE, again).status_code == 302
    assert stored() == {"PurgeAgeDays": "90", "DocumentationUrl": "https://docs.example/"}


def test_two_people_change_two_settings_at_once(chief: Client) -> None:
    opened = sent(chief)
    other = browser("other", READ, MODIFY)
    other.post(PAGE, sent(other) | {"EnrollWaitSeconds": "3"})
    assert chief.post(PAGE, opened | {"PurgeAgeDays": "90"}).status_code == 302
    assert stored() == {"EnrollWaitSeconds": "3", "PurgeAgeDays": "90"}


def test_a_reader_sees_and_cannot_save() -> None:
    reader = browser("reader", READ)
    page = reader.get(PAGE)
    assert page.status_code == 200
    assert "disabled" in page.text
    assert ">Save<" not in page.text
    assert reader.post(PAGE, sent(reader) | {"PurgeAgeDays": "90"}).status_code == 403
    assert stored() == {}


def test_the_documentation_link_stands_in_the_help_menu(chief: Client) -> None:
    assert '<a href="/help">' in chief.get("/").text
    chief.post(PAGE, sent(chief) | {"DocumentationUrl": 'https://docs.example/?a=1&b="2"'})
    assert '<a href="https://docs.example/?a=1&amp;b=&quot;2&quot;">' in chief.get("/").text
