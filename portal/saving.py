"""Forms over things that others may change at the same time: nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from portal.messages import blame, status_of
from workflows.errors import DomainError, VersionConflict

Fields = Mapping[type[DomainError], str]
EXPECTED = "expected"  # the hidden field that names the state which the form showed


@dataclass
class Saving:
    """One request for a page with `form`, whose initial values are what holds now, under the tag `etag`."""

    form: forms.Form
    etag: str = ""
    status: int = 200
    stale: str = ""

    def is_done(self, change: Callable[[], object], fields: Fields | None = None) -> bool:
        """Whether the form was sent and `change` made; if not, the page says why.

        The words of errors stand at the field that `fields` names for the class.
        """
        if not self.form.is_bound:
            return False
        self.status = 400
        try:
            if not self.form.is_valid():
                return False
            change()
        except VersionConflict as error:
            self.stale, self.status = str(error), status_of(error)
        except DomainError as error:
            blame(self.form, error, fields or {})
            self.status = status_of(error)
        else:
            return True
        return False

    @property
    def expected(self) -> str:
        """What the sent form was shown; empty, which nothing is, when it does not say."""
        return str(self.form.data.get(EXPECTED, ""))

    @property
    def context(self) -> dict[str, Any]:
        """What `templates/components/form_page.html` must know of it."""
        return {
            "form": self.form,
            "hidden": [(EXPECTED, self.etag)] if self.etag else [],
            "stale": self.stale,
            "current": self._others if self.stale else None,
        }

    @property
    def _others(self) -> dict[str, Any]:
        """What holds now where the sent form says something else, by label."""
        return {str(self.form[name].label): _words(self.form[name]) for name in self.form.changed_data}


def _words(field: BoundField) -> Any:
    """The initial value as its choices call it."""
    choices = getattr(field.field, "choices", None)
    if choices is None:
        return field.initial
    words = {str(value): str(label) or str(value) for value, label in choices}
    if isinstance(field.initial, (list, tuple)):
        return [words.get(str(value), value) for value in field.initial]
    return words.get(str(field.initial), field.initial)
