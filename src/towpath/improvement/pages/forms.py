"""What the pages of findings ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AcceptForm(forms.Form):
    """Who does what by when, and what that should bring."""

    owner = forms.CharField(label=_("Who takes it on"), max_length=200)
    next_step = forms.CharField(label=_("Next step"), max_length=500)
    due = forms.DateField(label=_("By when"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    expected_gain = forms.FloatField(
        label=_("Expected gain"),
        min_value=0,
        max_value=1e12,
        required=False,
        widget=forms.NumberInput({"step": "any"}),
        help_text=_("Ruined customer-days a week fewer. What is gained is measured beside it."),
    )


class DeclineForm(forms.Form):
    """Why nobody mends it for now, and when that is asked again."""

    because = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Whoever reviews it later needs it.")
    )
    review_on = forms.DateField(
        label=_("Review on"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("On that day it stands on the list again."),
    )
