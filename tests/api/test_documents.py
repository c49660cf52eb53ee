"""The description of the API and the page to try it."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

from tests.api.clients import ApiClient, person


def test_each_mount_describes_itself(stranger: ApiClient) -> None:
    named = stranger.get("schema").json()
    numbered = stranger.at("/KeyfactorAPI/").get("schema").json()
    assert named["openapi"].startswith("3.")
    assert "/api/Templates" in named["paths"]
    assert "/KeyfactorAPI/Templates" in numbered["paths"]
    kinds = [
        each["components"]["schemas"]["MetadataFieldAnswer"]["properties"]["DataType"]["type"]
        for each in (named, numbered)
    ]
    assert kinds == ["string", "integer"]


def test_nobody_reads_it_without_logging_in(db: None) -> None:
    assert ApiClient().get("schema").status_code == 401


@pytest.mark.parametrize("mount", ["api", "KeyfactorAPI"])
def test_the_page_works_under_the_strict_policy(db: None, mount: str) -> None:
    browser = Client()
    browser.force_login(person("ada"))
    page = browser.get(f"/{mount}/docs")
    html = page.content.decode()
    assert page.status_code == 200
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html), "inline script"
    script = browser.get(f"/{mount}/docs?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert f"/{mount}/schema" in script.content.decode().replace("\\u002D", "-").replace("\\u002F", "/")
    assert browser.get(f"/{mount}/schema").status_code == 200
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', html):
        assert finders.find(asset.removeprefix("/static/")), asset


@override_settings(LOGIN_URL="/log-in/")
def test_who_is_not_logged_in_is_sent_there(db: None) -> None:
    answer = Client().get("/api/docs")
    assert (answer.status_code, answer["Location"]) == (302, "/log-in/?next=/api/docs")
