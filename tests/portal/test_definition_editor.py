"""The editor of a definition's steps, without JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests import builders
from tests.portal.editing import SIGNING_SECRET, Editor
from workflows.actions import definitions
from workflows.engine import parameters, registry

if TYPE_CHECKING:
    from tests.world import World


def test_a_step_is_inserted_where_it_was_wanted(editor: Editor, world: World) -> None:
    answer = editor.add("RequireApproval", "continue:StartNOOP", roles_ApprovalStatus=[world.approvers.pk])
    assert answer.status_code == 302
    assert editor.flow == ["StartNOOP", "RequireApproval1", "KeyfactorEnroll", "EndNOOP"]


def test_a_new_step_has_the_unique_name_that_was_typed_for_ever(editor: Editor) -> None:
    answer = editor.add(
        "WriteLog", "continue:StartNOOP", parameter_Message="x", unique_name="SayIt", display_name="Says"
    )
    assert answer.url.endswith("#step-SayIt")
    assert editor.flow[1] == "SayIt"
    editor.edit("SayIt", unique_name="Other", display_name="Renamed")
    assert editor.flow[1] == "SayIt"
    again = editor.add("WriteLog", "continue:StartNOOP", parameter_Message="x", unique_name="SayIt")
    assert again.status_code == 400
    assert "give each step its own" in again.context["form"].errors["unique_name"][0]


def test_an_approval_without_a_role_is_refused_at_the_roles(editor: Editor) -> None:
    answer = editor.add("RequireApproval", "continue:StartNOOP", display_name="Kept as typed")
    assert answer.status_code == 400
    assert "nobody could ever answer" in answer.context["form"].errors["roles_ApprovalStatus"][0]
    assert 'value="Kept as typed"' in answer.text
    assert "RequireApproval1" not in editor.flow


def test_a_problem_is_said_at_its_parameter_and_condition(editor: Editor) -> None:
    answer = editor.add(
        "Email",
        "continue:StartNOOP",
        parameter_Subject="Hello",
        parameter_Message="Text",
        parameter_Recipients="a@keyexample.com",
        conditions="import os",
    )
    assert answer.status_code == 400
    assert "conditions" in answer.context["form"].errors


def test_lists_maps_and_scripts_are_read(editor: Editor) -> None:
    editor.add(
        "SetVariable",
        "continue:StartNOOP",
        parameter_ScriptParameters="name: $(cn)\nother: 3",
        parameter_ScriptContent='{"Found": name}',
        conditions="True",
    )
    step = next(each for each in editor.latest.steps if each["UniqueName"] == "SetVariable1")
    assert step["ConfigurationParameters"]["ScriptParameters"] == {"name": "$(cn)", "other": "3"}
    assert [each["Value"] for each in step["Conditions"]] == ["True"]


@pytest.mark.parametrize("text", ['{"a":' * 15_000, r'{"a": "\u0000"}', '{"a": NaN}', '{"a": '])
def test_a_map_that_is_no_json_is_refused_at_its_field(editor: Editor, text: str) -> None:
    answer = editor.add(
        "SetVariable",
        "continue:StartNOOP",
        parameter_ScriptParameters=text,
        parameter_ScriptContent='{"Found": name}',
    )
    assert answer.status_code == 400
    assert "parameter_ScriptParameters" in answer.context["form"].errors


def test_a_secret_is_never_shown_and_stays_when_left_empty(editor: Editor) -> None:
    editor.add(
        "RESTRequest",
        "continue:StartNOOP",
        parameter_URL="https://keyexample.com/hook",
        parameter_UseBasicAuth="on",
        parameter_BasicUsername="somebody",
        parameter_BasicPassword="a marked secret",
    )
    before = editor.parameters("RESTRequest1")["BasicPassword"]
    page = editor.client.get(f"{editor.url('step_edit')}?name=RESTRequest1")
    assert "A secret is stored" in page.text
    assert "a marked secret" not in page.text
    editor.edit("RESTRequest1", display_name="Renamed")
    assert editor.parameters("RESTRequest1")["BasicPassword"] == before
    editor.edit("RESTRequest1", forget_BasicPassword="on")
    assert "BasicPassword" not in editor.parameters("RESTRequest1")


def test_steps_move_and_are_removed(editor: Editor, world: World) -> None:
    editor.add("RequireApproval", "continue:StartNOOP", roles_ApprovalStatus=[world.approvers.pk])
    editor.add("WriteLog", "continue:RequireApproval1", parameter_Message="Approved")
    editor.press("move_up", "WriteLog1")
    assert editor.flow[1:3] == ["WriteLog1", "RequireApproval1"]
    editor.press("move_down", "WriteLog1")
    assert editor.flow[1:3] == ["RequireApproval1", "WriteLog1"]
    editor.press("remove", "RequireApproval1")
    assert editor.flow == ["StartNOOP", "WriteLog1", "KeyfactorEnroll", "EndNOOP"]


def test_a_step_follows_a_last_one_that_is_no_end(editor: Editor, world: World) -> None:
    """Saved as a start alone, a definition gets the step that issues, which then leads nowhere."""
    definitions.save_steps(
        editor.definition.guid,
        [builders.step("NOOPStep", "StartNOOP", to=None)],
        actor=world.actor("operator"),
    )
    assert editor.flow == ["StartNOOP", "KeyfactorEnroll"]
    page = editor.client.get(editor.url("step_choose")).text
    assert re.findall(r'<option value="([^"]+)"', page) == ["continue:StartNOOP", "continue:KeyfactorEnroll"]
    assert "place=continue%3AKeyfactorEnroll" in editor.client.get(editor.url("definition_editor")).text
    editor.add("WriteLog", "continue:KeyfactorEnroll", parameter_Message="Issued")
    assert editor.flow == ["StartNOOP", "KeyfactorEnroll", "WriteLog1"]
    editor.press("move_up", "WriteLog1")
    assert editor.flow == ["StartNOOP", "WriteLog1", "KeyfactorEnroll"]
    editor.press("move_down", "WriteLog1")
    assert editor.flow == ["StartNOOP", "KeyfactorEnroll", "WriteLog1"]


def test_a_decision_branches(editor: Editor, world: World) -> None:
    editor.add("Decision", "continue:StartNOOP", parameter_Expression="True")
    editor.add("WriteLog", "false:Decision1", parameter_Message="No")
    steps = {step["UniqueName"]: step for step in editor.latest.steps}
    assert steps["Decision1"]["Outputs"] == {"true": "KeyfactorEnroll", "false": "WriteLog1"}
    refused = editor.edit("WriteLog1", output_continue="Decision1")
    assert refused.status_code == 400
    assert "circle" in refused.text


def test_a_failure_is_led_on_only_on_purpose(editor: Editor) -> None:
    address = "https://keyexample.com/hook"
    editor.add("RESTRequest", "continue:StartNOOP", parameter_URL=address)
    steps = {step["UniqueName"]: step for step in editor.latest.steps}
    assert steps["RESTRequest1"]["Outputs"] == {"continue": "KeyfactorEnroll"}
    editor.edit("RESTRequest1", output_error="EndNOOP")
    steps = {step["UniqueName"]: step for step in editor.latest.steps}
    assert steps["RESTRequest1"]["Outputs"]["error"] == "EndNOOP"


def test_a_stale_form_says_so_and_can_be_sent_again(editor: Editor) -> None:
    address = f"{editor.url('step_edit')}?name=StartNOOP"
    stale = editor.client.get(address).context["hidden"][0][1]
    editor.edit("EndNOOP", display_name="Finish")
    given = {"display_name": "Begin", "enabled": "on", "output_continue": "KeyfactorEnroll"}
    answer = editor.client.post(address, {**given, "expected": stale})
    assert answer.status_code == 409
    assert "operator changed this definition meanwhile" in answer.text
    assert [change.name for change in answer.context["meanwhile"].steps[0].changes] == ["DisplayName"]
    assert 'value="Begin"' in answer.text
    again = editor.client.post(address, {**given, "expected": answer.context["hidden"][0][1]})
    assert again.status_code == 302
    names = [step["DisplayName"] for step in editor.latest.steps]
    assert ("Begin" in names, "Finish" in names) == (True, True)


def test_what_was_typed_for_a_step_that_others_removed_becomes_a_new_step(editor: Editor) -> None:
    editor.add("WriteLog", "continue:StartNOOP", parameter_Message="First")
    address = f"{editor.url('step_edit')}?name=WriteLog1"
    hidden = dict(editor.client.get(address).context["hidden"])
    editor.press("remove", "WriteLog1")
    assert_kept(editor, address, hidden)


def test_what_was_typed_for_a_place_that_is_gone_can_be_saved(editor: Editor) -> None:
    editor.add("WriteLog", "continue:StartNOOP", parameter_Message="First")
    address = f"{editor.url('step_new')}?type=WriteLog&place=continue:WriteLog1"
    hidden = dict(editor.client.get(address).context["hidden"])
    editor.press("remove", "WriteLog1")
    assert_kept(editor, address, hidden)


def assert_kept(editor: Editor, address: str, hidden: dict[str, str]) -> None:
    """What is typed and refused is shown again, and saved when it is sent from there."""
    given = {
        "display_name": "Tell",
        "enabled": "on",
        "parameter_Level": "Warning",
        "parameter_Message": "Typed long ago",
        "output_continue": "KeyfactorEnroll",
    }
    answer = editor.client.post(address, {**hidden, **given})
    assert answer.status_code == 409
    assert "Typed long ago" in answer.text
    again = editor.client.post(answer.context["address"], {**dict(answer.context["hidden"]), **given})
    assert again.status_code == 302, again.text
    assert editor.flow[1] == "WriteLog1"
    assert editor.parameters("WriteLog1")["Message"] == "Typed long ago"


def test_pages_say_why_a_type_is_not_available(editor: Editor) -> None:
    """The tests' installation has no script runner."""
    for address in (
        editor.url("step_choose"),
        f"{editor.url('step_new')}?type=PowerShell&place=continue:StartNOOP",
    ):
        page = editor.client.get(address).text
        assert "Set Variable Data (not available here)" in page
        assert "It needs PowerShell, and SCRIPT_RUNNER names no command that runs it." in page


def test_a_typed_secret_survives_a_refused_save_unseen(editor: Editor) -> None:
    address = f"{editor.url('step_new')}?type=Webhook&place=continue:StartNOOP"
    hidden = dict(editor.client.get(address).context["hidden"])
    editor.edit("EndNOOP", display_name="Finish")
    given = {
        "display_name": "Call",
        "enabled": "on",
        "parameter_URL": "https://keyexample.com/hook",
        "parameter_SigningSecret": SIGNING_SECRET,
        "parameter_TimeoutSeconds": "30",
        "output_continue": "KeyfactorEnroll",
    }
    answer = editor.client.post(address, {**hidden, **given})
    assert (answer.status_code, SIGNING_SECRET in answer.text) == (409, False)
    found = re.search(r'name="parameter_SigningSecret_sealed" value="([^"]+)"', answer.text)
    assert found is not None
    kept = given | {"parameter_SigningSecret": "", "parameter_SigningSecret_sealed": found[1]}
    fresh = dict(answer.context["hidden"])
    changed = editor.client.post(address, {**fresh, **kept, "parameter_SigningSecret_sealed": "AAAA"})
    assert changed.status_code == 400
    saved = editor.client.post(address, {**fresh, **kept})
    assert saved.status_code == 302, saved.text
    assert _secret(editor, "Webhook1", "SigningSecret") == SIGNING_SECRET


def _secret(editor: Editor, name: str, parameter: str) -> str:
    step_type = registry.step_type("Webhook")
    assert step_type is not None
    declared = next(each for each in step_type.parameters if each.name == parameter)
    secret = parameters.unseal(declared, editor.parameters(name)[parameter])
    assert secret is not None
    return secret.reveal()


def test_tokens_and_variables_stand_beside_the_form(editor: Editor) -> None:
    editor.add("WriteLog", "continue:StartNOOP", parameter_Message="First")
    page = editor.client.get(f"{editor.url('step_edit')}?name=WriteLog1").text
    assert "$(cn)" in page
    assert "Common name of the certificate or request." in page
    assert "Keyfactor-Enroll”." not in page
    editor.add("WriteLog", "continue:KeyfactorEnroll", parameter_Message="Then")
    page = editor.client.get(f"{editor.url('step_edit')}?name=WriteLog2").text
    assert "$(RawCertificate)" in page
    assert "Set by the step “Keyfactor-Enroll”." in page
    page = editor.client.get(f"{editor.url('step_new')}?type=WriteLog&place=continue:KeyfactorEnroll").text
    assert "Set by the step “Keyfactor-Enroll”." in page


def test_a_stale_button_shows_how_it_stands_now(editor: Editor) -> None:
    answer = editor.client.post(editor.url("step_remove"), {"name": "StartNOOP", "expected": '"1-1-0-1"'})
    assert answer.status_code == 409
    assert "meanwhile" in answer.text


def test_unknown_steps_types_and_places_are_404(editor: Editor) -> None:
    for query in ("?type=Nonsense&place=continue:StartNOOP", "?type=Email&place=x", "?type=Email"):
        assert editor.client.get(editor.url("step_new") + query).status_code == 404
    assert editor.client.get(editor.url("step_edit") + "?name=Nobody").status_code == 404


def test_an_approval_that_comes_too_late_is_said_at_once(editor: Editor, world: World) -> None:
    assert "Worth a look" not in editor.client.get(editor.url("definition_editor")).text
    editor.add("RequireApproval", "continue:KeyfactorEnroll", roles_ApprovalStatus=[world.approvers.pk])
    page = editor.client.get(editor.url("definition_editor")).text
    assert "Worth a look before you publish" in page
    assert "which it cannot stop any more" in page


def test_only_fitting_types_are_offered(editor: Editor) -> None:
    page = editor.client.get(editor.url("step_choose")).text
    assert 'value="RequireApproval"' in page
    assert 'value="RevokeStep"' not in page
    assert 'value="EnrollStep"' not in page
