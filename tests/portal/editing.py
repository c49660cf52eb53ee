"""People who make definitions and edit their steps by the forms, as they are served."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from workflows.models import Definition, DefinitionVersion

SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def url(name: str, version: DefinitionVersion, *arguments: object) -> str:
    return reverse(f"portal:{name}", args=[version.definition.guid, *arguments])


def new_definition(client: Client, **given: Any) -> Any:
    page = reverse("portal:definition_new") + "?type=Enrollment"
    return client.post(page, {"display_name": "Two approvals", **given})


class Editor:
    """Fills in the forms of one definition."""

    def __init__(self, client: Client, definition: Definition) -> None:
        self.client, self.definition = client, definition

    @property
    def latest(self) -> DefinitionVersion:
        latest = Definition.objects.get(pk=self.definition.pk).latest
        assert latest is not None
        return latest

    @property
    def flow(self) -> list[str]:
        """Unique names along the main outputs."""
        steps = {step["UniqueName"]: step for step in self.latest.steps}
        pointed = {target for step in steps.values() for target in step["Outputs"].values()}
        name, found = next(name for name in steps if name not in pointed), []
        while name:
            found.append(name)
            name = next(iter(steps[name]["Outputs"].values()), "")
        return found

    def url(self, name: str) -> str:
        return reverse(f"portal:{name}", args=[self.definition.guid])

    def add(self, extension: str, place: str, **given: Any) -> Any:
        return self.fill(f"{self.url('step_new')}?type={extension}&place={place}", **given)

    def edit(self, name: str, **given: Any) -> Any:
        return self.fill(f"{self.url('step_edit')}?name={name}", **given)

    def fill(self, address: str, **given: Any) -> Any:
        """Send the form with what it shows, changed by what is given."""
        page = self.client.get(address)
        assert page.status_code == 200, page.text
        form = page.context["form"]
        shown = {name: field.value() for name, field in ((each.html_name, each) for each in form)}
        values = {"expected": page.context["hidden"][0][1], **shown, **given}
        return self.client.post(address, {name: value for name, value in values.items() if value})

    def press(self, operation: str, name: str) -> Any:
        etag = self.client.get(self.url("definition_editor")).context["etag"]
        return self.client.post(self.url(f"step_{operation}"), {"name": name, "expected": etag})

    def parameters(self, name: str) -> dict[str, Any]:
        step = next(each for each in self.latest.steps if each["UniqueName"] == name)
        parameters: dict[str, Any] = step["ConfigurationParameters"]
        return parameters
