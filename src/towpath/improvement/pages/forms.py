"""What the pages of findings ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from towpath.improvement.models import TellingRule
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.wording import family_in_words


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
        help_text=_(
            "Ruined customer-days a week fewer (lost customers, where nothing fails). It is measured later."
        ),
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


class RuleForm(forms.Form):
    """Who is told of which findings, and when."""

    name = forms.CharField(label=_("Name"), max_length=120)
    means = forms.ChoiceField(label=_("How"), choices=TellingRule.Means.choices)
    address = forms.CharField(
        label=_("To"),
        max_length=1000,
        help_text=_("E-mail addresses, separated by commas; for a webhook its https:// address."),
    )
    news = forms.MultipleChoiceField(
        label=_("When"),
        choices=[
            ("new", _("a finding is new")),
            ("back", _("one came back")),
            ("grave", _("harm is grave")),
            ("gone", _("one is gone")),
        ],
        initial=["new", "back", "grave"],
        widget=forms.CheckboxSelectMultiple,
    )
    families = forms.MultipleChoiceField(
        label=_("Kinds of trouble"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen means all."),
    )
    least_score = forms.FloatField(
        label=_("From how many ruined days a week"),
        min_value=0,
        max_value=1e12,
        initial=0,
        help_text=_("Money is counted in ruined days, as in the rank. Grave harm is told whatever its size."),
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        families: forms.MultipleChoiceField = self.fields["families"]  # type: ignore[assignment]
        families.choices = [(each.value, family_in_words(each)) for each in Family]
