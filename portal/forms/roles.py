"""Roles: name, permissions, members."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms.permissions import Branch, branches, tree, without_covered
from workflows.models import Role

NAMES = re.compile(r"[^\s,;]+")


class RoleForm(forms.Form):
    """`role` is the one to change; without it a new one is made."""

    name = forms.CharField(label=_("Name"), max_length=128)
    description = forms.CharField(label=_("Description"), max_length=512, required=False)
    email_address = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("For mails to the role, such as role:Approvers.")
    )
    enabled = forms.BooleanField(
        label=_("Enabled"), required=False, initial=True, help_text=_("A disabled role grants nothing.")
    )
    permissions = forms.MultipleChoiceField(label=_("Permissions"), required=False)

    def __init__(self, *arguments: Any, role: Role | None = None, **named: Any) -> None:
        if role is not None:
            named["initial"] = {name: getattr(role, name) for name in self.base_fields}
        super().__init__(*arguments, **named)
        field = self.fields["permissions"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(node.value, node.value) for node in tree(self.initial.get("permissions", ()))]

    @property
    def branches(self) -> list[Branch]:
        """The tree with what is ticked in this form."""
        return branches(tree(self["permissions"].value() or ()))

    def clean_permissions(self) -> list[str]:
        return without_covered(self.cleaned_data["permissions"])


class MembersForm(forms.Form):
    """Names of users; `names` are those that were given, each once."""

    users = forms.CharField(
        label=_("Add users"),
        max_length=10_000,
        help_text=_("A user name, or several with commas between them."),
        error_messages={"required": _("Write the name of a user.")},
        widget=forms.TextInput(
            attrs={
                "list": "suggested-users",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "hx-trigger": "input changed delay:200ms",
                "hx-target": "#suggested-users",
                "hx-swap": "innerHTML",
                "hx-sync": "this:replace",
            }
        ),
    )

    def __init__(self, *arguments: Any, suggestions_url: str, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["users"].widget.attrs["hx-get"] = suggestions_url

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(NAMES.findall(self.cleaned_data["users"])))
