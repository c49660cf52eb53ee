"""The API reference: one page of all operations, one page for each resource."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.portal.conftest import Visitors
from workflows.api.reference import Resource, resources

MOST_QUERIES = 25


def test_it_is_one_click_away(visit: Visitors) -> None:
    assert 'href="/api/docs"' in visit("requester").get("/").content.decode()


def test_the_first_page_leads_to_every_operation(visit: Visitors) -> None:
    page = visit("requester").get("/api/docs").content.decode()
    for resource in resources():
        for operation in resource.operations:
            assert f'href="/api/docs/{resource.slug}#{operation.name}"' in page


def test_the_filter_works_without_a_script(visit: Visitors) -> None:
    page = visit("requester").get("/api/docs", {"q": "AUDIT/"}).content.decode()
    assert "<code>/api/Audit/{entry_id}</code>" in page
    assert "/api/Templates" not in page
    assert "No operation matches." in visit("requester").get("/api/docs?q=zebra").content.decode()


@pytest.mark.parametrize("resource", resources(), ids=lambda each: str(each.slug))
def test_each_resource_has_a_page(visit: Visitors, resource: Resource) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = visit("requester").get(f"/api/docs/{resource.slug}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(queries) <= MOST_QUERIES
    assert len(page) < 300_000
    for operation in resource.operations:
        assert f'id="{operation.name}"' in page
        assert f'action="{operation.path}" data-call="{operation.verb}"' in page


def test_it_runs_under_the_strict_policy(visit: Visitors) -> None:
    page = visit("requester").get("/api/docs/status")
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=", page.content.decode())


def test_only_what_a_plain_form_can_call_is_shown_without_a_script(visit: Visitors) -> None:
    page = visit("requester").get("/api/docs/audit").content.decode()
    assert '<form class="form" action="/api/Audit"' in page
    assert '<form class="form scripted" action="/api/Audit/{entry_id}"' in page


def test_an_unknown_resource_is_not_there(visit: Visitors) -> None:
    assert visit("requester").get("/api/docs/zebras").status_code == 404
