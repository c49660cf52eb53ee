"""The tour of the browser tests leaves no page out; that it comes to all it names, `tests/browser` sees."""

from __future__ import annotations

from collections import Counter

from django.urls import get_resolver

from config import api_reference
from tests.architecture.test_portal_access import patterns
from tests.browser.definitions import STEP_FORMS
from tests.browser.tour import TOUR
from tests.browser.visits import pages_of
from workflows.engine import registry

FILE, LEADS_BACK = "a file, no page", "takes a form and leads back to the page with it"
LEADS_ON = "leads to the page by GUID"
WITHOUT_PAGE = {
    "account_sessions_end": LEADS_BACK,
    "account_theme": LEADS_BACK,
    "account_time_zone": LEADS_BACK,
    "audit_csv": FILE,
    "certificate_download": FILE,
    "certificates_csv": FILE,
    "definition_export": FILE,
    "definitions_csv": FILE,
    "instance_by_reference": LEADS_ON,
    "instance_columns": LEADS_BACK,
    "instance_searches": LEADS_BACK,
    "instances_csv": FILE,
    "logout": "ends the session and leads to the log-in",
    "review_by_reference": LEADS_ON,
    "role_members_suggest": "options of a field on the page of the role",
    "roles_csv": FILE,
    "step_move_down": LEADS_BACK,
    "step_move_up": LEADS_BACK,
    "step_remove": LEADS_BACK,
    "users_csv": FILE,
}


def test_every_page_is_on_the_tour() -> None:
    portal = {str(each.name) for each in [*patterns(get_resolver("portal.urls")), *api_reference.routes]}
    toured = set().union(*map(pages_of, TOUR))
    assert toured <= portal | {""}
    assert portal - toured == set(WITHOUT_PAGE)


def test_the_form_of_every_step_is_on_the_tour() -> None:
    types = {each.extension_name for each in registry.step_types()}
    assert {visit.name.removeprefix("step-") for visit in STEP_FORMS} == types


def test_pictures_have_names_of_their_own() -> None:
    assert [name for name, times in Counter(visit.name for visit in TOUR).items() if times > 1] == []
