"""Whether the outbound settings let steps call what they name (docs/operations.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from workflows.engine import foresight, registry
from workflows.engine.contracts import Effects
from workflows.engine.expressions.tokens import depends_on
from workflows.vocabulary.parameters import ParameterType

Step = Mapping[str, Any]


def unreachable(steps: Sequence[dict[str, Any]]) -> list[str]:
    """Addresses written out that the outbound settings refuse; names are looked up by the call alone."""
    return [
        f"Step '{step['UniqueName']}' calls {host}, which the outbound settings do not allow; an "
        "administrator may add it to OUTBOUND_ALLOW_PRIVATE."
        for step, step_type in foresight.enabled(steps)
        if step_type.effects is Effects.EXTERNAL
        for host in _hosts(foresight.values_of(step, step_type))
        if not settings.OUTBOUND_POLICY.permits_written(host)
    ]


def unreachable_secrets(given: Sequence[Step]) -> list[str]:
    """The same of addresses that are secrets, while they are at hand; nothing of them is told."""
    return [
        f"Step '{step['UniqueName']}' has a {name} that the outbound settings do not allow; an administrator "
        "may add its host to OUTBOUND_ALLOW_PRIVATE."
        for step in given
        for name, text in _plain_secrets(step)
        if not all(settings.OUTBOUND_POLICY.permits_written(host) for host in _hosts({name: text}))
    ]


def _plain_secrets(step: Step) -> Iterator[tuple[str, str]]:
    step_type = registry.step_type(step["ExtensionName"])
    values = {name.casefold(): value for name, value in (step.get("ConfigurationParameters") or {}).items()}
    for parameter in step_type.parameters if step_type else ():
        value = values.get(parameter.name.casefold())
        if parameter.type is ParameterType.Secret and isinstance(value, Mapping):
            yield parameter.name, str(value.get("SecretValue") or "")


def _hosts(values: Mapping[str, Any]) -> Iterator[str]:
    """Hosts of the URLs among the parameters, those without a token in the host."""
    for value in values.values():
        if isinstance(value, str) and value.startswith(("https://", "http://")):
            host = _host(value)
            if host and not depends_on(host):
                yield host


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
