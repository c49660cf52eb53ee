"""A subscription: whom to tell, of what, and the secret that signs it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.looks import look_of
from workflows.actions import subscriptions
from workflows.connectors.webhooks import PREFIX
from workflows.encryption import Secret

_CODE = {"class": "mono", "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}


class SubscriptionForm(forms.Form):
    """`definitions` are pairs of GUID and name; a new one begins with a secret made for it."""

    name = forms.CharField(label=_("Name"), max_length=128)
    url = forms.CharField(
        label=_("URL"),
        max_length=subscriptions.LONGEST_URL,
        widget=forms.URLInput(attrs=_CODE),
        help_text=_("A server that answers within ten seconds; redirects are not followed."),
    )
    secret = forms.CharField(label=_("Signing secret"), max_length=200, widget=forms.TextInput(attrs=_CODE))
    changes = forms.TypedMultipleChoiceField(
        label=_("Is told when a workflow becomes"),
        coerce=int,
        choices=[(int(each), look_of(each).label) for each in subscriptions.CHANGES],
        widget=forms.CheckboxSelectMultiple,
    )
    definition = forms.ChoiceField(label=_("Workflows of"), required=False)
    enabled = forms.BooleanField(label=_("Enabled"), required=False, initial=True)

    def __init__(
        self, *arguments: Any, definitions: Sequence[tuple[str, str]], is_new: bool, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        field: Any = self.fields["definition"]
        field.choices = [("", _("Any definition")), *definitions]
        secret = self.fields["secret"]
        if is_new:
            secret.initial = new_secret()
            secret.help_text = _("Copy it to the receiver now: it is stored encrypted and never shown again.")
        else:
            secret.required = False
            secret.help_text = _("Empty: it stays as it is.")

    @property
    def values(self) -> dict[str, Any]:
        """As the actions take them."""
        given = dict(self.cleaned_data)
        secret, definition = given.pop("secret"), given.pop("definition")
        return given | {"secret": Secret(secret) if secret else None, "definition": definition or None}


def new_secret() -> str:
    """32 random octets as Standard Webhooks writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
