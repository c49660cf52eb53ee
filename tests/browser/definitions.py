"""Workflow → Definitions: the list, one of them, and the form of every type of step."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.documented import EVERY_TYPE, WITHOUT_EXAMPLE
from tests.browser.scenery import Scenery
from tests.browser.visits import Visit

LIST, ONE = "/workflow/definitions", "/workflow/definitions/{signing}"
NEW_STEP = f"{ONE}/steps/new?place=continue:StartNOOP&type="


def _save(page: Page, scenery: Scenery) -> None:
    page.get_by_role("button", name="Save").click()
    page.locator(".error").first.wait_for()


def _save_what_is_stale(page: Page, scenery: Scenery) -> None:
    """Somebody else saves the step between opening and saving."""
    other = page.context.new_page()
    other.goto(page.url)
    for each in (other, page):
        each.get_by_label("Name", exact=True).fill(f"Approved by {'them' if each is other else 'us'}")
        each.get_by_role("button", name="Save").click()
        each.wait_for_load_state()
    other.close()
    page.get_by_text("What they saved stays").wait_for()


STEP_FORMS = tuple(
    Visit(f"step-{name}", "admin", f"{LIST}/{{{kind}}}/steps/edit?name={name}")
    for kind, names in EVERY_TYPE.items()
    for name in names
) + tuple(Visit(f"step-{name}", "admin", f"{NEW_STEP}{name}") for name in ("NOOPStep", *WITHOUT_EXAMPLE))
VISITS = (
    Visit("definitions", "admin", LIST),
    Visit("definitions-wrong-query", "admin", f"{LIST}?query=Name+-is+1", status=400),
    Visit("definitions-new", "admin", f"{LIST}/new"),
    Visit("definitions-form", "admin", f"{LIST}/new?type=Enrollment"),
    Visit("definitions-import", "admin", f"{LIST}/import"),
    Visit("definition", "admin", ONE),
    Visit("definition-draft", "admin", f"{LIST}/{{Enrollment}}"),
    Visit("definition-disabled", "admin", f"{LIST}/{{disabled}}"),
    Visit("definition-editor", "admin", f"{ONE}/steps"),
    Visit("definition-editor-long", "admin", f"{LIST}/{{Enrollment}}/steps"),
    Visit("definition-choose-step", "admin", f"{ONE}/steps/choose"),
    Visit("definition-settings", "admin", f"{ONE}/settings"),
    Visit("definition-compare", "admin", f"{ONE}/compare"),
    Visit("definition-copy", "admin", f"{ONE}/copy"),
    Visit("definition-publish", "admin", f"{LIST}/{{Enrollment}}/publish/1"),
    Visit("definition-enable", "admin", f"{LIST}/{{disabled}}/enable"),
    Visit("definition-disable", "admin", f"{ONE}/disable"),
    Visit("definition-delete", "admin", f"{ONE}/delete"),
    Visit("step-new", "admin", f"{NEW_STEP}RequireApproval"),
    Visit("step-refused", "admin", f"{NEW_STEP}RequireApproval", _save),
    Visit("step-stale", "admin", f"{LIST}/{{Revocation}}/steps/edit?name=RevokeStep", _save_what_is_stale),
    *STEP_FORMS,
)
