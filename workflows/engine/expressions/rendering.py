"""Fills the tokens of a text, or of nested parameters, each by the place it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflows.engine.expressions.json_bodies import JsonTemplate
from workflows.engine.expressions.places import (
    AddressTemplate,
    FormTemplate,
    HtmlTemplate,
    LineTemplate,
    Place,
    Template,
)
from workflows.engine.expressions.tokens import (
    NO_ALIASES,
    Aliases,
    Token,
    check_tokens,
    fill,
    find_tokens,
    lookup,
    only_token,
)
from workflows.engine.expressions.urls import UrlTemplate

_TEMPLATES: dict[Place, type[Template]] = {
    Place.TEXT: Template,
    Place.VALUE: Template,
    Place.HTML: HtmlTemplate,
    Place.JSON_BODY: JsonTemplate,
    Place.FORM_BODY: FormTemplate,
    Place.HEADER: LineTemplate,
    Place.SUBJECT: LineTemplate,
    Place.ADDRESS: AddressTemplate,
}


def render(
    text: str,
    data: Mapping[str, Any],
    place: Place,
    aliases: Aliases = NO_ALIASES,
    *,
    allow_host: bool = False,
) -> str:
    """The text with every token replaced by its value, written so that it cannot leave its place.

    Raises MissingToken, naming the token, when one has no value, and InvalidInput when a value may not stand
    there or the template is wrong (which `check` tells before publishing). `allow_host` concerns URLs only.
    """
    tokens = find_tokens(text)
    if not tokens:
        return text
    template = _template(text, tokens, place, allow_host)
    template.check()
    result = fill(text, tokens, lambda token: template.write(token, lookup(data, token, aliases)))
    template.check_result(result)
    return result


def render_structure(
    value: Any,
    data: Mapping[str, Any],
    place: Place,
    aliases: Aliases = NO_ALIASES,
    *,
    allow_host: bool = False,
) -> Any:
    """The same for every text inside lists and objects; keys and other values stay as they are."""

    def rendered(text: str) -> Any:
        if place is Place.VALUE and (token := only_token(text)):
            return lookup(data, token, aliases)
        return render(text, data, place, aliases, allow_host=allow_host)

    return _map_texts(value, rendered)


def check(value: Any, place: Place, *, allow_host: bool = False) -> None:
    """Raise InvalidInput for what is wrong with the texts in `value` whatever the data, before publishing."""

    def check_text(text: str) -> None:
        check_tokens(text)
        _template(text, find_tokens(text), place, allow_host).check()

    _map_texts(value, check_text)


def _map_texts(value: Any, function: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return function(value)
    if isinstance(value, Mapping):
        return {key: _map_texts(each, function) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_map_texts(each, function) for each in value]
    return value


def _template(text: str, tokens: Sequence[Token], place: Place, allow_host: bool) -> Template:
    if place is Place.URL:
        return UrlTemplate(text, tokens, allow_host=allow_host)
    return _TEMPLATES[place](text, tokens)
