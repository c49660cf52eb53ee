"""Roles: name, members, permissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms.permissions import Node, tree, without_covered


class RoleForm(forms.Form):
    """`held` are the role's permissions as they are stored; an immutable role has its members only."""

    name = forms.CharField(label=_("Name"), max_length=128)
    description = forms.CharField(label=_("Description"), max_length=512, required=False)
    email_address = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("For mails to the role, such as role:Approvers.")
    )
    enabled = forms.BooleanField(
        label=_("Enabled"), required=False, initial=True, help_text=_("A disabled role grants nothing.")
    )
    members = forms.TypedMultipleChoiceField(
        label=_("Members"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    permissions = forms.MultipleChoiceField(label=_("Permissions"), required=False)

    def __init__(
        self,
        *arguments: Any,
        users: Sequence[tuple[int, str]],
        held: Sequence[str] = (),
        is_immutable: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self.held = list(held)
        for name, choices in (("members", users), ("permissions", [(node.value, "") for node in tree(held)])):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
        if is_immutable:
            for name in ("name", "description", "email_address", "enabled", "permissions"):
                del self.fields[name]

    @property
    def nodes(self) -> list[Node]:
        """The tree with what is ticked in this form."""
        return tree(self.data.getlist("permissions") if self.is_bound else self.held)  # type: ignore[attr-defined]

    def clean_permissions(self) -> list[str]:
        return without_covered(self.cleaned_data["permissions"])

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes besides the members."""
        return {name: value for name, value in self.cleaned_data.items() if name != "members"}
