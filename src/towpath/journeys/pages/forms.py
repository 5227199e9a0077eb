"""A journey as forms: what a person edits without writing YAML. What the forms do not show is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.matchtext import match_of, text_of
from towpath.journeys.rules.stages import STAGES

Row = dict[str, Any]

MATCH_HELP = gettext_lazy("Event types, separated by commas (A_SENT, call*), or a rule as in the YAML.")
LANES = (
    ("front_stage", gettext_lazy("Front stage")),
    ("back_stage", gettext_lazy("Back stage")),
    ("services", gettext_lazy("Services")),
    ("components", gettext_lazy("Components")),
)
OUTCOME_KINDS = (
    ("declined", gettext_lazy("Declined")),
    ("cancelled", gettext_lazy("Cancelled")),
    ("expired", gettext_lazy("Expired")),
    ("other", gettext_lazy("Other")),
)
FEELINGS = [
    ("", "—"),
    ("-2", gettext_lazy("awful")),
    ("-1", gettext_lazy("uneasy")),
    ("0", gettext_lazy("indifferent")),
    ("1", gettext_lazy("good")),
    ("2", gettext_lazy("delighted")),
]


class MatchField(forms.CharField):
    """A rule, as event types or as YAML's flow style."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=gettext_lazy("Recognised by"), help_text=MATCH_HELP, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return match_of(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class JourneyForm(forms.Form):
    key = forms.SlugField(label=gettext_lazy("Key"), max_length=60)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=2000, required=False)
    follows = forms.ChoiceField(
        label=gettext_lazy("Follows"),
        choices=[("customer", gettext_lazy("the customer")), ("case", gettext_lazy("the case"))],
    )
    window = forms.CharField(
        label=gettext_lazy("Window"),
        help_text=gettext_lazy("Such as 180d: a journey counts as one within it."),
    )
    sources = forms.CharField(
        label=gettext_lazy("Sources"),
        required=False,
        help_text=gettext_lazy("Separated by commas; empty: all."),
    )


class PartForm(forms.Form):
    """A part with a name and a key; people who have no use for keys need not think of one."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty: made from the name."),
    )

    def clean(self) -> dict[str, Any]:
        row = super().clean() or self.cleaned_data
        if not row.get("key") and row.get("name") and "key" not in self.errors:
            row["key"] = slugify(row["name"])[:60]
            if not row["key"]:
                self.add_error("key", _("No key can be made from this name: give one of a-z, 0-9 and -."))
        return row


class PartyForm(PartForm):
    """A department or a supplier."""


class StepForm(PartForm):
    name = forms.CharField(label=gettext_lazy("Step"), max_length=120)
    match = MatchField()
    channels = forms.CharField(label=gettext_lazy("Channels"), required=False)
    touchpoint = forms.CharField(label=gettext_lazy("Touchpoint"), required=False)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    target = forms.CharField(
        label=gettext_lazy("Target latency T"), required=False, help_text=gettext_lazy("Such as 2s.")
    )
    value = forms.CharField(label=gettext_lazy("Value for the customer"), required=False)
    sees = forms.CharField(label=gettext_lazy("What the customer sees"), required=False)
    feels_score = forms.ChoiceField(label=gettext_lazy("Feels"), choices=FEELINGS, required=False)
    feels_word = forms.CharField(label=gettext_lazy("In a word"), required=False)
    then = forms.CharField(
        label=gettext_lazy("Then it is the turn of"),
        required=False,
        help_text=gettext_lazy("customer, or the key of a department or supplier."),
    )
    moment_of_truth = forms.BooleanField(label=gettext_lazy("Moment of truth"), required=False)
    optional = forms.BooleanField(label=gettext_lazy("May be passed over"), required=False)

    def __init__(self, *args: Any, stages: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage = self.fields["stage"]
        assert isinstance(stage, forms.ChoiceField)  # noqa: S101
        stage.choices = [("", "—"), *((stage, stage) for stage in stages)]


class OutcomeForm(PartForm):
    name = forms.CharField(label=gettext_lazy("Outcome"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=OUTCOME_KINDS, initial="declined")
    match = MatchField()


class ItemForm(PartForm):
    name = forms.CharField(label=gettext_lazy("What happens inside"), max_length=120)
    lane = forms.ChoiceField(label=gettext_lazy("Lane"), choices=LANES, initial="front_stage")
    department = forms.CharField(label=gettext_lazy("Department"), required=False)
    behind = forms.CharField(
        label=gettext_lazy("Behind the steps"), help_text=gettext_lazy("Keys of steps, separated by commas.")
    )
    match = MatchField(required=False)


def formset(form: type[forms.Form]) -> type[forms.BaseFormSet[Any]]:
    return forms.formset_factory(form, extra=0, can_order=True, can_delete=True, max_num=200)


PARTS: dict[str, type[forms.Form]] = {
    "steps": StepForm,
    "outcomes": OutcomeForm,
    "departments": PartyForm,
    "suppliers": PartyForm,
    "inside": ItemForm,
}


class JourneyForms:
    """The forms of one journey together. `base`, which they began with, keeps what they do not show."""

    def __init__(self, base: Definition, data: QueryDict | None = None, *, more: str = "") -> None:
        """`data`: what was typed; `more`: the part that gets one more form, empty."""
        self.base = base
        body: dict[str, Any] = msgspec.to_builtins(base)
        self.journey = JourneyForm(data, initial={**body, "sources": ", ".join(base.sources)})
        self.parts: dict[str, forms.BaseFormSet[Any]] = {}
        for name, form in PARTS.items():
            options = {"stages": STAGES.get(base.stages, ())} if form is StepForm else {}
            self.parts[name] = formset(form)(
                _with_one_more(data, name) if data is not None and name == more else data,
                initial=[_row(row) for row in body.get(name, ())],
                prefix=name,
                form_kwargs=options,
            )

    def is_valid(self) -> bool:
        valid = [self.journey.is_valid(), *(part.is_valid() for part in self.parts.values())]
        return all(valid)

    def definition(self) -> Definition:
        """What the forms say, over what the base had. Needs `is_valid`; raises msgspec.ValidationError."""
        general = self.journey.cleaned_data
        body: dict[str, Any] = msgspec.to_builtins(self.base)
        body |= {**general, "sources": _words(general["sources"])}
        for name, part in self.parts.items():
            body[name] = [self._merged(name, form) for form in _kept(part)]
        return msgspec.convert(body, Definition)

    def _merged(self, name: str, form: forms.Form) -> Row:
        """A part as the form gives it, over the part that the base had: of that key, or of the one it had."""
        row, known = form.cleaned_data, {part.key: part for part in getattr(self.base, name)}
        had = known.get(row["key"]) or known.get(form.initial.get("key"))
        body: Row = msgspec.to_builtins(had) if had is not None else {}
        told = _part(row)
        if not isinstance(body.get("then", ""), str) and told.get("then") == _then(body["then"]):
            told.pop("then")
        elif told.get("then") == "":
            told["then"] = []
        return body | told


def _with_one_more(data: QueryDict, name: str) -> QueryDict:
    """What was typed, with one more empty form of that part."""
    longer, total = data.copy(), f"{name}-TOTAL_FORMS"
    count = longer.get(total, "0")
    longer[total] = str(int(count) + 1) if count.isdecimal() else "1"
    return longer


def _kept(part: forms.BaseFormSet[Any]) -> list[forms.Form]:
    """The forms that are not deleted, in the order the person gave."""
    return [form for form in part.ordered_forms if form.cleaned_data.get("key")]


def _row(part: Mapping[str, Any]) -> Row:
    """A part of a definition, as its form shows it."""
    row = dict(part)
    if row.get("match"):
        row["match"] = text_of(row["match"])
    for name in ("channels", "behind"):
        row[name] = ", ".join(row.get(name, ()))
    feels = row.pop("feels", None) or {}
    row["feels_score"], row["feels_word"] = str(feels.get("score", "")), feels.get("word", "")
    row["then"] = _then(row.get("then", ""))
    return row


def _then(then: Any) -> str:
    """Whose turn it is, in a word; turns that depend on the event are kept as long as nobody edits them."""
    return then if isinstance(then, str) else _("it depends (see the YAML)") if then else ""


def _part(row: Row) -> Row:
    """A form's row, as a part of a definition."""
    part = {
        name: value
        for name, value in row.items()
        if name not in {"ORDER", "DELETE", "feels_score", "feels_word"}
    }
    for name in ("channels", "behind"):
        if name in part:
            part[name] = _words(part[name])
    if row.get("feels_score"):
        part["feels"] = {"score": int(row["feels_score"]), "word": row["feels_word"]}
    elif "feels_score" in row:
        part["feels"] = None
    return part


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
