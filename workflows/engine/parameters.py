"""Configuration parameters of a step: names matched without case, types checked, secrets sealed (D9, D13)."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflows.encryption import Secret, decrypt, encrypt
from workflows.engine.contracts import Parameter, StepType
from workflows.engine.expressions import rendering
from workflows.errors import DomainError
from workflows.vocabulary.parameters import ParameterType

SEALED = "$sealed"  # marks an encrypted secret inside stored parameters


def canonical(
    step_type: StepType, given: Mapping[str, Any], earlier: Mapping[str, Any], *, complete: bool = True
) -> tuple[dict[str, Any], list[str]]:
    """`given` under its declared names and the problems found; an absent parameter stays absent.

    Unless they must be `complete`, required secrets may be lacking.
    `earlier` are the stored values that these replace: a secret of theirs is kept by an explicit null.
    """
    declared = {each.name.casefold(): each for each in step_type.parameters}
    values: dict[str, Any] = {}
    problems, unsound = _named_twice(given, declared), []
    for name, value in given.items():
        parameter = declared.get(name.casefold())
        if parameter is None:
            problems.append(f"has no parameter {name}; it takes {_names(step_type)}.")
            continue
        values[parameter.name] = value
        if not _is_kept(value, earlier.get(parameter.name)):
            unsound += _type_problems(parameter, value)
    unsound += _missing(step_type, values, earlier, complete)
    problems += unsound + _token_problems(step_type, values)
    if not unsound:  # a step type judges only what is complete and of the right types
        problems += step_type.problems(with_defaults(step_type, values))
    return values, problems


def with_defaults(step_type: StepType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared parameter; one that is absent or null has its default."""
    given = {name: value for name, value in values.items() if value is not None}
    return {each.name: given.get(each.name, each.default) for each in step_type.parameters}


def seal(
    step_type: StepType, values: dict[str, Any], guid: str, earlier: Mapping[str, Any]
) -> dict[str, Any]:
    """Encrypt secrets bound to the step's id; an explicit null keeps the secret it was given before."""
    for parameter in _secrets(step_type, values):
        given = values[parameter.name]
        if given is None and SEALED in (earlier.get(parameter.name) or {}):
            values[parameter.name] = earlier[parameter.name]
        elif isinstance(given, Mapping) and given != earlier.get(parameter.name):
            text = str(given.get("SecretValue") or "").encode()
            cipher = encrypt(text, table="step", row=guid, field=parameter.name)
            values[parameter.name] = {SEALED: base64.b64encode(cipher).decode(), "Row": guid}
    return values


def unseal(parameter: Parameter, value: Any) -> Secret[str] | None:
    """The secret behind a stored value, for a connector alone."""
    if not isinstance(value, Mapping) or SEALED not in value:
        return None
    cipher = base64.b64decode(value[SEALED])
    return Secret(decrypt(cipher, table="step", row=value["Row"], field=parameter.name).decode())


def without_secrets(step_type: StepType | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What reads, exports and audit entries show: null in place of every secret."""
    if step_type is None:
        return {}
    secret = {each.name for each in step_type.parameters if each.type is ParameterType.Secret}
    return {name: None if name in secret else value for name, value in values.items()}


def digested(steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored steps with digests in place of sealed secrets: enough to see that one was changed."""
    return [
        {
            **step,
            "ConfigurationParameters": {
                name: _digest(value) if isinstance(value, Mapping) and SEALED in value else value
                for name, value in step["ConfigurationParameters"].items()
            },
        }
        for step in steps
    ]


def _digest(sealed: Mapping[str, Any]) -> dict[str, str]:
    return {SEALED: hashlib.sha256(str(sealed[SEALED]).encode()).hexdigest()}


def _secrets(step_type: StepType, values: Mapping[str, Any]) -> list[Parameter]:
    return [p for p in step_type.parameters if p.type is ParameterType.Secret and p.name in values]


def _names(step_type: StepType) -> str:
    return ", ".join(each.name for each in step_type.parameters) or "none"


def _missing(
    step_type: StepType, values: Mapping[str, Any], earlier: Mapping[str, Any], complete: bool
) -> list[str]:
    kept = {each.name for each in _secrets(step_type, values) if SEALED in (earlier.get(each.name) or {})}
    return [
        f"needs the parameter {each.name}."
        for each in step_type.parameters
        if each.required and _is_lacking(values.get(each.name), is_kept=each.name in kept)
        if complete or each.type is not ParameterType.Secret or values.get(each.name)
    ]


def _is_lacking(value: Any, *, is_kept: bool) -> bool:
    if isinstance(value, Mapping) and "SecretValue" in value:
        return not str(value["SecretValue"]).strip()  # given anew, and empty: it replaces the one of before
    return not is_kept and value in (None, "", [], {})


def _token_problems(step_type: StepType, values: Mapping[str, Any]) -> list[str]:
    """Tokens that could never be filled in the place where they stand."""
    complete = with_defaults(step_type, values)
    found = []
    for parameter in step_type.parameters:
        place = step_type.place(parameter, complete)
        try:
            if place is not None:
                rendering.check(values.get(parameter.name), place)
        except DomainError as error:
            found.append(f"parameter {parameter.name}: {error}")
    return found


def _named_twice(given: Mapping[str, Any], declared: Mapping[str, Parameter]) -> list[str]:
    """Parameters of which two values are given, by names that differ in case only (D13)."""
    counted = Counter(name.casefold() for name in given)
    return [
        f"names the parameter {declared[name].name} {count} times; give it once."
        for name, count in counted.items()
        if count > 1 and name in declared
    ]


def _type_problems(parameter: Parameter, value: Any) -> list[str]:
    if value is None:
        return []
    expected, fits = _KINDS[parameter.type]
    if not fits(value):
        return [f"parameter {parameter.name} must be {expected}."]
    return _range_problems(parameter, value) + _choice_problems(parameter, value)


def _range_problems(parameter: Parameter, value: Any) -> list[str]:
    if parameter.minimum is not None and isinstance(value, int) and value < parameter.minimum:
        return [f"parameter {parameter.name} must be at least {parameter.minimum}."]
    if parameter.maximum is not None and isinstance(value, int) and value > parameter.maximum:
        return [f"parameter {parameter.name} must be at most {parameter.maximum}."]
    return []


def _choice_problems(parameter: Parameter, value: Any) -> list[str]:
    if parameter.choices and isinstance(value, str) and value not in parameter.choices:
        return [f"parameter {parameter.name} must be one of {', '.join(parameter.choices)}."]
    return []


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_string_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_string_map(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and name and (isinstance(each, str) or _is_string_list(each))
        for name, each in value.items()
    )


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("SecretValue"), str)


def _is_kept(value: Any, earlier: Any) -> bool:
    """Whether a sealed value is the one that we have stored; one from elsewhere is no secret of this step."""
    return isinstance(value, Mapping) and SEALED in value and value == earlier


_KINDS: dict[ParameterType, tuple[str, Callable[[Any], bool]]] = {
    ParameterType.String: ("text", lambda value: isinstance(value, str)),
    ParameterType.Integer: ("a whole number", _is_integer),
    ParameterType.Boolean: ("true or false", lambda value: isinstance(value, bool)),
    ParameterType.Secret: ('an object {"SecretValue": "…"} with the secret itself', _is_secret),
    ParameterType.StringArray: ("a list of texts", _is_string_list),
    ParameterType.StringMap: ("an object of texts, or of lists of texts", _is_string_map),
    ParameterType.Script: ("text", lambda value: isinstance(value, str)),
    ParameterType.Json: ("JSON", lambda _: True),
}


def new_guid() -> str:
    return str(uuid.uuid4())
