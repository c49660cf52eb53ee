"""What is found before publishing: errors that stop it, warnings that do not."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import builders
from tests import world as scenery
from tests.builders import Step, approval, chain, step
from tests.world import World
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import definition_checks, definitions
from workflows.actions.definition_checks import Findings
from workflows.connectors.addresses import OutboundPolicy
from workflows.engine import foresight, registry
from workflows.errors import InvalidDefinition
from workflows.models import CertificateTemplate, Role, Script
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


def found(*middle: Step, workflow_type: WorkflowType = WorkflowType.Expiration) -> Findings:
    return definition_checks.check(workflow_type, chain(*middle))


def mail(name: str, text: str, **fields: Any) -> Step:
    values = {"Subject": "Hello", "Message": text, "Recipients": ["a@keyexample.com"]}
    return step("Email", name, ConfigurationParameters=values, **fields)


def rest(name: str, url: str, **values: Any) -> Step:
    return step("RESTRequest", name, ConfigurationParameters={"URL": url, **values})


def approvers(*names: str, **fields: Any) -> Role:
    return builders.role("Approvers", *(builders.user(name, **fields) for name in names))


def test_a_sound_definition_has_no_findings() -> None:
    asked = approval(roles=[approvers("ada", "bob", "eve")], MinimumApprovals=2)
    assert found(asked, mail("Tell", "$(cn) $(approvalsignalcmnts)")) == Findings([], [])


def test_what_cannot_be_saved_is_an_error() -> None:
    assert "there is no step type Nonsense" in found(step("Nonsense", "A")).errors[0]


def test_no_steps_are_an_error() -> None:
    assert definition_checks.check(WorkflowType.Expiration, []).errors == [
        "There are no steps; save some before publishing."
    ]


def test_an_approval_that_comes_too_late_is_a_warning() -> None:
    asked = approval("Ask", roles=[approvers("ada")])
    enroll = step("EnrollStep", "Enroll")
    late = found(enroll, asked, workflow_type=WorkflowType.Enrollment)
    assert late.errors == []
    warning = "Step 'Ask' asks for approval after 'Enroll', which it cannot stop any more"
    assert any(each.startswith(warning) for each in late.warnings)
    in_time = found(asked, enroll, workflow_type=WorkflowType.Enrollment)
    assert not any("cannot stop" in warning for warning in in_time.warnings)


def test_a_disabled_step_that_would_issue_is_a_warning() -> None:
    enroll = step("EnrollStep", "Enroll")
    assert found(enroll, workflow_type=WorkflowType.Enrollment) == Findings([], [])
    (warning,) = found({**enroll, "Enabled": False}, workflow_type=WorkflowType.Enrollment).warnings
    assert "Step 'Enroll' is disabled" in warning


def test_fewer_approvers_than_approvals_stop_it() -> None:
    asked = approval("Ask", roles=[approvers("ada")], MinimumApprovals=2)
    assert "Step 'Ask' asks for 2 approval(s), but its roles have 1 member(s)" in found(asked).errors[0]


@pytest.mark.parametrize("fields", [{"is_service": True}, {"is_active": False}])
def test_who_may_not_approve_does_not_count(fields: dict[str, bool]) -> None:
    assert "have 0 member(s)" in found(approval(roles=[approvers("robot", **fields)])).errors[0]


def test_a_disabled_role_has_nobody() -> None:
    role = approvers("ada")
    Role.objects.filter(pk=role.pk).update(enabled=False)
    assert "have 0 member(s)" in found(approval(roles=[role])).errors[0]


def test_one_person_of_two_roles_is_one() -> None:
    person = builders.user("ada")
    roles = [builders.role("First", person), builders.role("Second", person)]
    assert "have 1 member(s)" in found(approval(roles=roles, MinimumApprovals=2)).errors[0]


@pytest.mark.parametrize(("may", "count"), [(False, 1), (True, 0)])
def test_an_only_approver_who_asks_himself_is_a_warning(may: bool, count: int) -> None:
    asked = approval(roles=[approvers("ada")], AllowSelfApproval=may)
    warnings = found(asked, workflow_type=WorkflowType.Enrollment).warnings
    assert len([each for each in warnings if "nobody approves his own request" in each]) == count


def test_nobody_asks_for_what_an_event_begins() -> None:
    assert found(approval(roles=[approvers("ada")])) == Findings([], [])


def test_roles_that_tokens_name_are_not_counted() -> None:
    asked = step(
        "RequireApproval",
        "Ask",
        Signals=[{"SignalName": "ApprovalStatus", "RoleTokens": ["$(metadata:Team)"]}],
    )
    assert found(asked) == Findings([], [])


class TestTokens:
    def test_one_that_nobody_sets_is_a_warning(self) -> None:
        assert found(mail("Tell", "$(Answer.mail)")).warnings == [
            "Step 'Tell' uses $(Answer), which neither the workflow type nor a step before it sets."
        ]

    def test_one_that_a_step_before_sets_is_known(self) -> None:
        call = rest("Ask", "https://a.example", DataBucketProperty="Answer")
        assert found(call, mail("Tell", "$(Answer.mail)")).warnings == []

    def test_one_that_a_later_or_disabled_step_sets_is_not(self) -> None:
        call = rest("Ask", "https://a.example", DataBucketProperty="Answer")
        assert len(found(mail("Tell", "$(Answer)"), call).warnings) == 1
        assert len(found({**call, "Enabled": False}, mail("Tell", "$(Answer)")).warnings) == 1

    def test_behind_a_script_nobody_can_know(self) -> None:
        script = step("SetVariable", "Set", ConfigurationParameters={"ScriptContent": "{'a': 1}"})
        assert found(script, mail("Tell", "$(a)")).warnings == []

    @pytest.mark.parametrize(
        "using",
        [
            mail("Tell", "x", Conditions=[{"Value": "$(flag)"}]),
            step(
                "Decision",
                "Tell",
                ConfigurationParameters={"Expression": "$(flag)"},
                Outputs={"true": "EndNOOP", "false": "EndNOOP"},
            ),
        ],
    )
    def test_conditions_and_expressions_are_read(self, using: Step) -> None:
        assert "uses $(flag)" in found(using).warnings[0]

    @pytest.mark.parametrize("workflow_type", WorkflowType)
    def test_every_token_of_the_type_is_known(self, workflow_type: WorkflowType) -> None:
        spec = registry.workflow_type(workflow_type)
        assert spec is not None
        text = " ".join(f"$({name})" for name in spec.context_parameters if name in spec.always)
        assert found(mail("Tell", text), workflow_type=workflow_type).warnings == []

    @pytest.mark.parametrize("workflow_type", WorkflowType)
    def test_the_comments_of_approvals_are_known_behind_one(self, workflow_type: WorkflowType) -> None:
        comments = "$(approvalsignalcmnts)"
        asked = approval("Ask", roles=[approvers("ada", "bob")], DenialEmailMessage=comments)
        tell = mail("Tell", comments)
        assert found(dict(asked), dict(tell), workflow_type=workflow_type).warnings == []
        (early,) = found(dict(tell), dict(asked), workflow_type=workflow_type).warnings
        assert early.startswith("Step 'Tell' uses $(approvalsignalcmnts), which neither")

    def test_the_issued_certificate_is_known_behind_the_issuance(self) -> None:
        enroll, tell = step("EnrollStep", "Issue"), mail("Tell", "$(CACertificate) $(KeyfactorId)")
        assert found(dict(enroll), dict(tell), workflow_type=WorkflowType.Enrollment).warnings == []
        early = found(dict(tell), dict(enroll), workflow_type=WorkflowType.Enrollment).warnings
        assert [each.partition(",")[0] for each in early] == [
            "Step 'Tell' uses $(CACertificate)",
            "Step 'Tell' uses $(KeyfactorId)",
        ]

    def test_what_only_some_instances_have_is_said(self) -> None:
        tell = mail("Tell", "$(CertificateToBeRenewed)")
        assert found(tell, workflow_type=WorkflowType.Enrollment).warnings == [
            "Step 'Tell' uses $(CertificateToBeRenewed), which only renewals have."
        ]

    @pytest.mark.parametrize(
        ("expression", "unknown"),
        [
            ('cn.endswith(".example.com")', []),
            ("answer == 1 and other > len(cn)", ["answer", "other"]),
            ("any(part == $(cn) for part in cn.split('.'))", []),
            ("(lambda text: text)(cn) == 'answer'", []),
            ("CN == 'www'", ["CN"]),
            ("approvalsignalcmnts != ''", ["approvalsignalcmnts"]),
        ],
    )
    def test_names_in_expressions_are_read(self, expression: str, unknown: list[str]) -> None:
        decide = step(
            "Decision",
            "Decide",
            ConfigurationParameters={"Expression": expression},
            Outputs={"true": "Tell", "false": "Tell"},
        )
        asked = mail("Tell", "x", Conditions=[{"Value": expression}])
        warnings = found(decide, asked, workflow_type=WorkflowType.Enrollment).warnings
        assert [each.partition(",")[0] for each in warnings] == [
            f"Step '{name}' reads the name {each} in an expression"
            for name in ("Decide", "Tell")
            for each in unknown
        ]

    @pytest.mark.parametrize(
        "values", [{"BasicUsername": "$(cn)"}, {"ContentType": "$(cn)"}, {"DataBucketProperty": "$(cn)"}]
    )
    def test_one_where_none_is_filled_is_a_warning(self, values: dict[str, Any]) -> None:
        if "BasicUsername" in values:
            values = {**values, "UseBasicAuth": True, "BasicPassword": {"SecretValue": "x"}}
        call = rest("Call", "https://a.example/$(cn)", **values)
        name = next(iter(values))
        assert found(call).warnings == [f"Step 'Call': {name} takes no tokens, so $(cn) stays as it is."]

    def test_powershell_has_dollars_of_its_own(self, settings: LazySettings) -> None:
        settings.SCRIPT_RUNNER = sys.executable
        script = step("PowerShell", "Set", ConfigurationParameters={"ScriptContent": '@{a="$(Get-Date)"}'})
        assert found(script).warnings == []

    def test_all_data_of_an_enrollment_is_known(self, world: World) -> None:
        """So what the types and steps declare keeps up with what they do."""
        instance = scenery.enroll(world).instance
        assert instance.status == InstanceStatus.Complete
        spec = registry.workflow_type(WorkflowType.Enrollment)
        assert spec is not None
        steps = instance.version.steps
        declared = {*spec.context_parameters, *spec.brings}.union(
            *(foresight.sets(each) or () for each in steps)
        )
        assert {name.casefold() for name in instance.data} <= {name.casefold() for name in declared}


class TestRewrites:
    REWRITE = step("UpdateSubject", "Rewrite", ConfigurationParameters={"SubjectParts": {"O": "Key Example"}})

    def errors(self, *middle: Step) -> list[str]:
        return list(found(*middle, workflow_type=WorkflowType.Enrollment).errors)

    def test_after_an_approval_stops_it(self) -> None:
        asked = approval("Ask", roles=[approvers("ada", "bob")])
        (error,) = self.errors(asked, self.REWRITE)
        assert error.startswith("Step 'Rewrite' changes SANs, Subject after an approval")

    def test_before_the_approval_or_after_the_issuance_does_not(self) -> None:
        asked = approval("Ask", roles=[approvers("ada", "bob")])
        assert self.errors(self.REWRITE, asked) == []
        assert self.errors(asked, step("EnrollStep", "Issue"), self.REWRITE) == []

    def test_an_answer_kept_as_the_subject_is_one_too(self) -> None:
        asked = approval("Ask", roles=[approvers("ada", "bob")])
        call = rest("Call", "https://a.example", DataBucketProperty="Subject")
        assert "Step 'Call' changes Subject" in self.errors(asked, call)[0]

    @pytest.mark.parametrize(
        ("extension", "script", "is_warned"),
        [
            ("SetVariable", '{"Subject": "CN=other"}', True),
            ("Python", '{"SANs": {}}', True),
            ("SetVariable", '{"SubjectOf": 1, "flag": True}', False),
            ("PowerShell", '@{ CSR = "x" }', True),
            ("PowerShell", "@{ flag = $true }", False),
        ],
    )
    def test_a_script_that_may_be_one_is_a_warning(
        self, settings: LazySettings, extension: str, script: str, is_warned: bool
    ) -> None:
        settings.SCRIPT_RUNNER = sys.executable
        asked = approval("Ask", roles=[approvers("ada", "bob")])
        change = step(extension, "Change", ConfigurationParameters={"ScriptContent": script})
        late = found(dict(asked), dict(change), workflow_type=WorkflowType.Enrollment)
        assert late.errors == []
        assert [each.partition(" that")[0] for each in late.warnings] == [
            "Step 'Change' runs a script after an approval"
        ] * is_warned
        early = found(dict(change), dict(asked), workflow_type=WorkflowType.Enrollment)
        assert early == Findings([], [])

    def test_a_stored_script_may_be_one_too(self, settings: LazySettings) -> None:
        settings.SCRIPT_RUNNER = sys.executable
        Script.objects.create(name="Rewrite", contents='@{ Subject = "CN=x" }', categories=[6])
        asked = approval("Ask", roles=[approvers("ada", "bob")])
        change = step("CustomPowerShell", "Change", ConfigurationParameters={"ScriptName": "Rewrite"})
        (warning,) = found(asked, change, workflow_type=WorkflowType.Enrollment).warnings
        assert "speaks of Subject" in warning


class TestRolesByName:
    def asked(self, *tokens: str, **parameters: Any) -> Step:
        signal = {"SignalName": "ApprovalStatus", "RoleTokens": list(tokens)}
        return step("RequireApproval", "Ask", ConfigurationParameters=parameters, Signals=[signal])

    def test_one_that_names_no_role_stops_it(self) -> None:
        (error,) = found(self.asked("Nobody", "$(metadata:Team)")).errors
        assert error.startswith("Step 'Ask' has the role token 'Nobody', which names no role; name one")

    def test_the_people_of_a_named_role_are_counted(self) -> None:
        role = approvers("ada")
        assert found(self.asked(" approvers ")) == Findings([], [])
        assert found(self.asked(str(role.pk))) == Findings([], [])
        assert "have 1 member(s)" in found(self.asked("Approvers", MinimumApprovals=2)).errors[0]

    def test_many_names_are_looked_up_at_once(self) -> None:
        with CaptureQueriesContext(connection) as one:
            assert len(found(self.asked("Nobody")).errors) == 1
        names = [*(f"Nobody {number}" for number in range(88)), "9" * 19, "1" * 5000]
        with CaptureQueriesContext(connection) as many:
            assert len(found(self.asked(*names)).errors) == 90
        assert len(many) == len(one)

    def escalated(self, role: Role, **parameters: Any) -> Findings:
        clock = {"DeadlineHours": 8, "OnDeadline": "Escalate", "EscalationRole": "Bosses"}
        return found(approval("Ask", roles=[role], **clock, **parameters))

    def test_an_escalation_to_nobody_is_a_warning(self) -> None:
        builders.role("Bosses", builders.user("robot", is_service=True))
        (warning,) = self.escalated(approvers("ada")).warnings
        assert warning.startswith("Step 'Ask' escalates to the role 'Bosses', which has no members")

    def test_an_escalation_that_adds_too_few_stops_it(self) -> None:
        builders.role("Bosses", builders.user("eve"))
        role = approvers("ada")
        assert self.escalated(role, MinimumApprovals=2) == Findings([], [])
        assert "its roles have 2 member(s)" in self.escalated(role, MinimumApprovals=3).errors[0]


@pytest.mark.parametrize(
    ("url", "allow", "is_warned"),
    [
        ("http://10.1.2.3/a", (), True),
        ("http://10.1.2.3/a", ("10.0.0.0/8",), False),
        ("https://localhost:8443/", (), True),
        ("https://localhost:8443/", ("localhost",), False),
        ("http://[::1]/$(cn)", (), True),
        ("http://169.254.169.254/latest", ("169.254.0.0/16",), True),
        ("https://api.keyexample.com/$(cn)", (), False),
        ("https://8.8.8.8/", (), False),
    ],
)
def test_addresses_that_the_settings_refuse_are_warned_of(
    settings: LazySettings, url: str, allow: tuple[str, ...], is_warned: bool
) -> None:
    settings.OUTBOUND_POLICY = OutboundPolicy.of(allow)
    warnings = found(rest("Call", url)).warnings
    assert any("which the outbound settings do not allow" in each for each in warnings) is is_warned


def test_without_a_script_runner_powershell_stops_it(settings: LazySettings) -> None:
    settings.SCRIPT_RUNNER = ""
    script = step("PowerShell", "Set", ConfigurationParameters={"ScriptContent": "@{}"})
    assert "needs PowerShell" in found(script).errors[0]


def test_a_publication_with_errors_changes_nothing_and_one_with_warnings_goes_on() -> None:
    made = definitions.create(
        actor=TIMER_SERVICE, display_name="A", description="", workflow_type="Expiration", keys=[]
    )
    role = approvers("ada")
    steps = chain(approval(roles=[role], MinimumApprovals=2), mail("Tell", "$(unknown)"))
    definitions.save_steps(made.guid, steps, actor=TIMER_SERVICE)
    with pytest.raises(InvalidDefinition, match="asks for 2 approval") as refused:
        definitions.publish(made.guid, actor=TIMER_SERVICE)
    assert len(refused.value.problems) == 1
    made.refresh_from_db()
    assert (made.published, definitions.version_of(made, None).frozen_at) == (None, None)
    role.members.add(builders.user("bob"))
    assert definitions.publish(made.guid, actor=TIMER_SERVICE).published is not None


def test_a_field_that_the_template_of_a_key_lacks_is_warned_of(world: World) -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.enrollment_fields = [{"Name": "Room", "Options": []}]
    template.save()
    attributes = {"room": "1", "Colour": "$(cn)", "Gone": ""}
    sets = step("SetAdditionalAttributes", "Set", ConfigurationParameters={"Attributes": attributes})
    version = builders.publish(chain(sets), WorkflowType.Enrollment, keys=[str(template.pk)])
    (warning,) = definition_checks.check_version(version).warnings
    assert "'Set' sets the field 'Colour', which the template WebServer does not have; correct" in warning
