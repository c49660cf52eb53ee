"""Each step type has a form, and what is typed there is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from portal.forms import offered
from tests import builders
from tests.portal.editing import SIGNING_SECRET, Editor
from workflows.engine import parameters, registry
from workflows.engine.contracts import Parameter
from workflows.models import MetadataField, Script
from workflows.vocabulary.parameters import ParameterType

if TYPE_CHECKING:
    from tests.world import World

START, AT = "StartWorkflow", "continue:StartNOOP"


def options(page: str, name: str) -> dict[str, str]:
    """Of the menu or the suggestions of a field: labels by value."""
    menu, list_ = rf'<select name="parameter_{name}".*?</select>', rf'id="parameter_{name}-.*?</datalist>'
    found = re.search(f"{menu}|{list_}", page, re.DOTALL)
    return dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', found[0])) if found else {}


def new_step(editor: Editor, extension: str) -> str:
    page: str = editor.client.get(f"{editor.url('step_new')}?type={extension}&place={AT}").text
    return page


class TestWhatAListHolds:
    def test_is_chosen_by_name_and_never_by_itself(self, editor: Editor) -> None:
        started = builders.publish(builders.noops(2), name="Tell the owner").definition
        shown = options(new_step(editor, START), "DefinitionId")
        assert shown[str(started.guid)] == "Tell the owner (Expiration)"
        assert shown[""] == "—"
        assert str(editor.definition.guid) not in shown  # an enrollment begins with a request
        assert editor.add(START, AT).status_code == 400

    def test_stays_as_it_is_stored_when_it_is_gone(self, editor: Editor) -> None:
        field = MetadataField.objects.create(name="Room")
        editor.add("UpdateMetadata", AT, parameter_Name="Room", parameter_Value="1")
        field.delete()
        page = editor.client.get(f"{editor.url('step_edit')}?name=UpdateMetadata1").text
        assert options(page, "Name") == {"": "—", "Room": "Room, not there any more"}
        answer = editor.edit("UpdateMetadata1", parameter_Value="2")
        assert "Room" in answer.context["form"].errors.as_text()

    def test_is_suggested_where_tokens_may_stand(self, editor: Editor, world: World) -> None:
        page = new_step(editor, "RequireApproval")
        assert options(page, "EscalationRole")[world.approvers.name] == world.approvers.name
        asked = {"roles_ApprovalStatus": [world.approvers.pk], "parameter_DeadlineHours": "4"}
        token = {"parameter_OnDeadline": "Escalate", "parameter_EscalationRole": "$(metadata:Owner)"}
        editor.add("RequireApproval", AT, **asked, **token)
        assert editor.parameters("RequireApproval1")["EscalationRole"] == "$(metadata:Owner)"

    def test_is_typed_where_a_menu_would_be_too_long(
        self, editor: Editor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        MetadataField.objects.create(name="Room")
        monkeypatch.setattr(offered, "MOST", MetadataField.objects.count() - 1)
        assert options(new_step(editor, "UpdateMetadata"), "Name") == {}
        editor.add("UpdateMetadata", AT, parameter_Name="Room", parameter_Value="1")
        assert editor.parameters("UpdateMetadata1")["Name"] == "Room"


CALL = {"URL": "https://a.example/hook"}
CLIENT = {"client_id": "me", "client_secret": "s", "TokenEndpoint": "https://a.example/token"}
TYPED: dict[str, dict[str, str]] = {
    "AwsLambda": {"Region": "eu-central-1", "FunctionName": "f", "AccessKey": "k", "SecretKey": "s"},
    "AzureFunction": CALL,
    "AzureFunctionOAuth": {**CALL, **CLIENT, "FunctionKey": "key"},
    "CustomPowerShell": {"ScriptName": "Find owner"},
    "Decision": {"Expression": "cn == 'www'"},
    "Email": {"Subject": "About $(cn)", "Message": "<p>x</p>", "Recipients": "a@a.example"},
    "NOOPStep": {},
    "OAuthRESTRequest": {**CALL, **CLIENT},
    "PowerShell": {"ScriptContent": "@{}"},
    "Python": {"ScriptContent": '{"a": 1}'},
    "RESTRequest": CALL,
    "RequireApproval": {"MinimumApprovals": "1"},
    "SetAdditionalAttributes": {"Attributes": "Room: 1"},
    "SetVariable": {"ScriptContent": '{"a": 1}'},
    "StartWorkflow": {"DefinitionId": "started"},
    "UpdateMetadata": {"Name": "Room", "Value": "1"},
    "UpdateSubject": {"SubjectParts": "O: Other"},
    "Wait": {"Hours": "1"},
    "Webhook": {**CALL, "SigningSecret": SIGNING_SECRET},
    "WriteLog": {"Message": "$(cn)"},
}


def test_each_type_that_is_offered_is_tried_here(editor: Editor) -> None:
    page = editor.client.get(editor.url("step_choose")).text
    assert set(re.findall(r'name="type" value="(\w+)"', page)) == set(TYPED)


@pytest.mark.parametrize("extension", TYPED)
def test_every_type_has_a_form_that_saves(editor: Editor, world: World, extension: str) -> None:
    Script.objects.create(name="Find owner", contents="@{}", categories=[6])
    MetadataField.objects.create(name="Room")
    typed = dict(TYPED[extension])
    if extension == "StartWorkflow":
        typed["DefinitionId"] = str(builders.publish(builders.noops(2)).definition.guid)
    answer = editor.add(
        extension,
        "continue:StartNOOP",
        unique_name="Tried",
        roles_ApprovalStatus=[world.approvers.pk],
        **{f"parameter_{name}": value for name, value in typed.items()},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    stored = editor.parameters("Tried")
    step_type = registry.step_type(extension)
    assert step_type is not None
    for parameter in step_type.parameters:
        if parameter.name in typed:
            _assert_kept(parameter, stored[parameter.name], typed[parameter.name])


def _assert_kept(parameter: Parameter, stored: Any, typed: str) -> None:
    match parameter.type:
        case ParameterType.Secret:
            secret = parameters.unseal(parameter, stored)
            assert secret is not None
            assert secret.reveal() == typed
        case ParameterType.StringMap:
            name, _, value = typed.partition(": ")
            assert stored == {name: value}
        case ParameterType.StringArray:
            assert stored == [typed]
        case _:
            assert str(stored) == typed
