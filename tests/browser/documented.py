"""The examples of `docs/steps` as the steps of definitions, so that every form has something in it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from config.env import ROOT

_EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)
_DEFINITION = "6f2d4c1e-8a57-4c0b-9d33-5b1c7a9e0f42"  # that an example starts
_OF_A_TYPE = {"ExpirationRenewal": "Expiration", "RevokeStep": "Revocation"}
WITHOUT_EXAMPLE = ("AzureFunctionOAuth", "CustomPowerShell", "Python")


def _examples() -> dict[str, str]:
    """By extension."""
    pages = sorted((ROOT / "docs" / "steps").glob("*.md"))
    found = [text for page in pages for text in _EXAMPLE.findall(page.read_text())]
    return {json.loads(text)["ExtensionName"]: text for text in found}


EXAMPLES = _examples()
# Which workflow type has a draft with which steps.
EVERY_TYPE = {
    kind: [name for name in EXAMPLES if _OF_A_TYPE.get(name, "Enrollment") == kind and name != "NOOPStep"]
    for kind in ("Enrollment", *_OF_A_TYPE.values())
}


def chained(workflow_type: str, definition: str = "") -> list[dict[str, Any]]:
    """The examples that fit, one after the other between start and end; one of them starts `definition`."""
    examples = [EXAMPLES[name].replace(_DEFINITION, definition) for name in EVERY_TYPE[workflow_type]]
    middle = [{**json.loads(each), "UniqueName": json.loads(each)["ExtensionName"]} for each in examples]
    steps = [_noop("StartNOOP"), *middle, _noop("EndNOOP")]
    for step, following in pairwise(steps):
        step["Outputs"] = dict.fromkeys(step["Outputs"] or ["continue"], following["UniqueName"])
    return steps


def _noop(name: str) -> dict[str, Any]:
    return {"UniqueName": name, "ExtensionName": "NOOPStep", "Outputs": {}}
