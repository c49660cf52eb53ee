"""A decision: approve or deny, with a comment."""

from __future__ import annotations

from django import forms

from workflows.actions.approvals import MAXIMUM_COMMENT


class SignalForm(forms.Form):
    """Its fields are named as the API names the signal's data (components/signal_form.html)."""

    SignalKey = forms.CharField()
    ContentHash = forms.CharField(required=False)
    Approved = forms.ChoiceField(choices=[("True", "Approve"), ("False", "Deny")])
    Comment = forms.CharField(required=False)

    def clean_Comment(self) -> str:  # noqa: N802 (the name of the field)
        """Browsers send line ends as two characters but count them as one."""
        comment: str = self.cleaned_data["Comment"].replace("\r\n", "\n")
        if len(comment) > MAXIMUM_COMMENT:
            raise forms.ValidationError(f"The comment has at most {MAXIMUM_COMMENT} characters.")
        return comment

    @property
    def data_of_signal(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("Approved", "Comment", "ContentHash")}

    @property
    def problem(self) -> str:
        """The first thing that is wrong, for the one place where the page shows it."""
        return next((str(text) for texts in self.errors.values() for text in texts), "")
