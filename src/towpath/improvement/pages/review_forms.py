"""What the pages of reviews ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from towpath.improvement.models import ReviewAction
from towpath.improvement.rules.review_wording import MOMENT_WORDS


def _moment(name: str, *, required: bool = False) -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    label = MOMENT_WORDS[name]
    return forms.DateTimeField(label=label, required=required, widget=widget)  # type: ignore[arg-type]


def _long(label: object, help_text: object = "") -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        help_text=help_text,  # type: ignore[arg-type]
        max_length=10_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class ReviewForm(forms.Form):
    """Its moments, and what people learned."""

    begin = _moment("begin", required=True)
    detected = _moment("detected")
    acknowledged = _moment("acknowledged")
    restored = _moment("restored")
    resolved = _moment("resolved")
    repaired = _moment("repaired")
    happened = _long(_("What happened"))
    helped = _long(_("What helped"))
    hindered = _long(_("What hindered"))
    factors = _long(
        _("What made it possible"), _("Conditions, not people: whoever was there did what seemed right then.")
    )


class LineForm(forms.Form):
    """Something that only people know."""

    at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    text = forms.CharField(label=_("What"), max_length=500)


class ActionForm(forms.Form):
    """Who does what by when."""

    kind = forms.ChoiceField(label=_("What for"), choices=ReviewAction.Kind.choices)
    text = forms.CharField(label=_("What is done"), max_length=500)
    owner = forms.CharField(label=_("Who does it"), max_length=200)
    due = forms.DateField(label=_("By when"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class EndForm(forms.Form):
    """What became of an action."""

    state = forms.ChoiceField(choices=ReviewAction.State.choices)
    result = forms.CharField(max_length=500, required=False)
