"""What pages ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.accounts.rules import LONGEST_KEY_DAYS, USUAL_KEY_DAYS, grantable_scopes
from towpath.foundation.people.rules import Role


class PersonForm(forms.Form):
    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput({"autocomplete": "off"})
    )
    email = forms.EmailField(
        label=_("E-mail address"), required=False, help_text=_("They can sign in with it as well.")
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)


class KeyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which program uses it?"))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple, help_text=_("As little as it needs.")
    )
    days = forms.IntegerField(
        label=_("Works for how many days"), min_value=1, max_value=LONGEST_KEY_DAYS, initial=USUAL_KEY_DAYS
    )

    def __init__(self, actor: Actor, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        scopes: forms.MultipleChoiceField = self.fields["scopes"]  # type: ignore[assignment]
        scopes.choices = [(name, name) for name in grantable_scopes(actor)]
