"""Users, their passwords and tokens."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.forms.permissions import Branch, PermissionTree, branches, granted, tree

_NEW_PASSWORD = {"autocomplete": "new-password"}


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones())]


class PersonForm(forms.Form):
    """What may be changed of a user afterwards."""

    full_name = forms.CharField(label=_("Full name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices, initial="UTC")
    is_service = forms.BooleanField(
        label=_("A machine, no person"),
        required=False,
        help_text=_("Machines use API tokens; their approvals do not count."),
    )


class NewUserForm(PersonForm):
    account_name = forms.CharField(
        label=_("User name"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs=_NEW_PASSWORD),
        help_text=_("Left empty, the user cannot log in with a password."),
    )

    field_order = ("account_name", "full_name", "email", "password")


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs=_NEW_PASSWORD),
    )
    again = forms.CharField(
        label=_("The same again"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs=_NEW_PASSWORD),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two are not the same."))
        return again


class OwnPasswordForm(PasswordForm):
    current = forms.CharField(
        label=_("Current password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")


class TokenForm(forms.Form):
    """`permissions` are those that the maker holds."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Says later what the token is for, such as “nightly job”."),
    )
    expires_on = forms.DateField(
        label=_("Valid until"),
        required=False,
        help_text=_("The last day in your time zone; for ever when left empty."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        widget=PermissionTree,
        help_text=_("With none ticked, the token may do all that its user may."),
    )

    def __init__(self, *arguments: Any, permissions: frozenset[str], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.permissions = permissions
        field = self.fields["scopes"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(value, value) for value in granted(permissions)]

    @property
    def branches(self) -> list[Branch]:
        """The scopes that the maker may give, with what is ticked in this form."""
        return branches(tree(self["scopes"].value() or (), self.permissions))

    @property
    def expires_at(self) -> datetime | None:
        """The end of the last day."""
        day = self.cleaned_data["expires_on"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None
