"""One step of a definition: names, parameters, conditions, who answers it, where it leads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.forms.parameters import ListField, form_field, is_absent, is_stored
from workflows.engine.contracts import Parameter, SignalSpec, StepType
from workflows.engine.documents import LONGEST
from workflows.engine.graph import ERROR
from workflows.errors import DomainError, InvalidDefinition
from workflows.vocabulary.parameters import ParameterType

Step = dict[str, Any]
Choices = Sequence[tuple[Any, str]]
_BLAMED = re.compile(r"(?:parameter|the parameter) (\w+)|(condition)|(signal|role)|output '(\w+)'")


class StepForm(forms.Form):
    """`step` is the document as it is stored; `targets` are steps that it may lead to, `roles` all roles."""

    display_name = forms.CharField(label=_("Name"), max_length=255, help_text=_("What people read."))
    unique_name = forms.CharField(
        label=_("Unique name"),
        required=False,
        max_length=LONGEST["UniqueName"],
        help_text=_("What history, tokens and the API call the step; it is never changed later."),
    )
    enabled = forms.BooleanField(
        label=_("Enabled"), required=False, initial=True, help_text=_("A disabled step is passed over.")
    )

    def __init__(
        self,
        *arguments: Any,
        step: Step,
        step_type: StepType,
        targets: Choices,
        roles: Choices,
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self.step, self.step_type = step, step_type
        self.initial.update(display_name=step.get("DisplayName"), enabled=step.get("Enabled", True))
        self.initial["unique_name"] = step["UniqueName"]
        self.fields["unique_name"].disabled = "Id" in step  # its secrets and its history go by that name
        self._add_parameters()
        self._add_signals(roles)
        if not step_type.once:
            self._add_conditions()
        for output in step_type.outputs:
            self.fields[f"output_{output}"] = self._output_field(output, targets)

    @property
    def sections(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        yield _("Step"), [self["display_name"], self["unique_name"], self["enabled"]]
        yield _("Who answers"), self._named("roles_", "tokens_")
        yield _("Configuration"), self._named("parameter_", "forget_")
        yield _("Conditions"), self._named("conditions")
        yield _("What follows"), self._named("output_")

    def document(self) -> Step:
        """The step as it shall be stored; the form must be valid."""
        cleaned = self.cleaned_data
        return {
            **self.step,
            "UniqueName": self.name,
            "ExtensionName": self.step_type.extension_name,
            "DisplayName": cleaned["display_name"],
            "Enabled": cleaned["enabled"],
            "ConfigurationParameters": dict(self._values()),
            "Conditions": [{"Value": line} for line in cleaned.get("conditions", [])],
            "Signals": [signal for spec in self.step_type.signals if (signal := self._signal(spec))],
            "Outputs": {name: cleaned[f"output_{name}"] or None for name in self.step_type.outputs},
        }

    @property
    def name(self) -> str:
        """The UniqueName as typed; the suggested one where that was emptied."""
        return str(self.cleaned_data.get("unique_name") or self.step["UniqueName"])

    def blame(self, error: DomainError) -> None:
        """Each problem of this step at its field where it names one, all others above the form."""
        problems = error.problems if isinstance(error, InvalidDefinition) else [str(error)]
        for problem in problems:
            self.add_error(self._blamed(problem), problem)

    def _blamed(self, problem: str) -> str | None:
        if problem.startswith("UniqueName "):
            return "unique_name"
        found = _BLAMED.search(problem) if f"'{self.name}'" in problem else None
        if found is None:
            return None
        parameter, condition, signal, output = found.groups()
        names = [
            f"parameter_{parameter}",
            "conditions" if condition else "",
            f"roles_{self.step_type.signals[0].name}" if signal and self.step_type.signals else "",
            f"output_{output}",
        ]
        return next((name for name in names if name in self.fields), None)

    def _add_parameters(self) -> None:
        stored = self.step.get("ConfigurationParameters") or {}
        for parameter in self.step_type.parameters:
            value = stored.get(parameter.name)
            self.fields[f"parameter_{parameter.name}"] = form_field(parameter, value)
            if is_stored(value) and not parameter.required:
                self.fields[f"forget_{parameter.name}"] = forms.BooleanField(
                    label=_("Forget the stored secret"), required=False
                )

    def _add_signals(self, roles: Choices) -> None:
        stored = {each["SignalName"]: each for each in self.step.get("Signals") or []}
        for spec in self.step_type.signals:
            held = stored.get(spec.name, {})
            self.fields[f"roles_{spec.name}"] = forms.TypedMultipleChoiceField(
                label=_("Roles whose members may answer"),
                coerce=int,
                choices=roles,
                required=False,
                initial=held.get("RoleIds"),
                widget=forms.CheckboxSelectMultiple,
            )
            self.fields[f"tokens_{spec.name}"] = ListField(
                label=_("Role tokens"),
                required=False,
                initial=held.get("RoleTokens"),
                help_text=_("Tokens such as $(metadata:OwnerRole) that give the name of a role; one a line."),
            )

    def _add_conditions(self) -> None:
        self.fields["conditions"] = ListField(
            label=_("Only if"),
            required=False,
            initial=[each["Value"] for each in self.step.get("Conditions") or []],
            help_text=_(
                "True, False, a token or a Python expression of one line, one a line; all must hold, "
                "or the step is passed over."
            ),
        )

    def _output_field(self, output: str, targets: Choices) -> forms.Field:
        label = _("Then") if output == "continue" else _("Output “%(name)s”") % {"name": output}
        return forms.ChoiceField(
            label=label,
            required=False,
            choices=[("", _("The instance fails") if output == ERROR else _("The workflow ends")), *targets],
            initial=(self.step.get("Outputs") or {}).get(output, ""),
        )

    def _named(self, *prefixes: str) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(prefixes)]

    def _values(self) -> Iterator[tuple[str, Any]]:
        stored = self.step.get("ConfigurationParameters") or {}
        for parameter in self.step_type.parameters:
            value = self.cleaned_data[f"parameter_{parameter.name}"]
            if parameter.type is ParameterType.Secret:
                value = self._secret(parameter, value, stored.get(parameter.name))
            if not is_absent(parameter, value):
                yield parameter.name, value

    def _secret(self, parameter: Parameter, given: str, stored: Any) -> Mapping[str, Any] | None:
        if given:
            return {"SecretValue": given}
        is_forgotten = self.cleaned_data.get(f"forget_{parameter.name}", False)
        return deepcopy(stored) if is_stored(stored) and not is_forgotten else None

    def _signal(self, spec: SignalSpec) -> dict[str, Any] | None:
        roles, tokens = (self.cleaned_data[f"{kind}_{spec.name}"] for kind in ("roles", "tokens"))
        if not roles and not tokens:
            return None
        return {"SignalName": spec.name, "RoleIds": roles, "RoleTokens": tokens}
