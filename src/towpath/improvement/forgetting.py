"""Taking a customer out of findings: the days that show one, and what people wrote about it."""

from __future__ import annotations

from django.db import transaction

from towpath.foundation.operations.blotting import Names
from towpath.foundation.operations.forgetting import Person, Turn, blot_column, erases
from towpath.improvement.models import Delivery, Finding, FindingStep, Review, ReviewAction, ReviewLine

WRITTEN = ("owner", "next_step", "declined_because")
REVIEWED = (
    *((Review, field) for field in ("happened", "helped", "hindered", "factors")),
    (ReviewLine, "text"),
    *((ReviewAction, field) for field in ("text", "owner", "result")),
)
"""What people write in reviews after incidents."""


@erases("findings", Turn.KEPT)
def forget_in_findings(person: Person) -> int:
    """Their ruined days among those that show a trouble, and their names in what was written about it."""
    keys = {str(key) for key in person.keys}
    return sum(
        (
            sum(_without(pk, keys, person.names) for pk in Finding.objects.values_list("pk", flat=True)),
            blot_column(FindingStep, "note", person.names),
            blot_column(Delivery, "said", person.names),
        )
    )


def _without(pk: int, keys: set[str], names: Names) -> int:
    with transaction.atomic():
        row = Finding.objects.select_for_update().get(pk=pk)
        shown = row.detected.get("moments", [])
        kept = [moment for moment in shown if moment["customer"] not in keys]
        named = [name for name in WRITTEN if names.are_in(getattr(row, name))]
        if len(kept) == len(shown) and not named:
            return 0
        row.detected = {**row.detected, "moments": kept}
        for name in named:
            setattr(row, name, names.blotted(getattr(row, name)))
        row.save(update_fields=["detected", *WRITTEN])
        return len(shown) - len(kept) + len(named)


@erases("reviews after incidents", Turn.KEPT)
def forget_in_reviews(person: Person) -> int:
    """Their names in what people wrote."""
    return sum(blot_column(model, field, person.names) for model, field in REVIEWED)
