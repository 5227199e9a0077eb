"""Taking a customer out of who is who."""

from __future__ import annotations

from django.db import transaction

from towpath.customers.models import Customer, Decision, Identifier, OpenForgetting
from towpath.foundation.operations.forgetting import Person, Turn, erases

BATCH = 500


@erases("who is who", Turn.WHO_IS_WHO)
def forget_in_records(person: Person) -> int:
    """Their identifiers with every link, question and move, and what people wrote about them."""
    keys, gone = sorted(person.keys), 0
    with transaction.atomic():
        for first in range(0, len(keys), BATCH):
            some = keys[first : first + BATCH]
            removed, _by_model = Identifier.objects.filter(pk__in=some).delete()
            gone += removed
            removed, _by_model = Customer.objects.filter(pk__in=some).delete()
            gone += removed
        for decision in Decision.objects.exclude(why="").iterator():
            if person.names.are_in(decision.why):
                Decision.objects.filter(pk=decision.pk).update(why=person.names.blotted(decision.why))
                gone += 1
    return gone


@erases("the note of who is being forgotten", Turn.DONE)
def close(person: Person) -> int:
    """After all else: until then a kill finds here what is left to do."""
    with transaction.atomic():
        open_ones = [row.pk for row in OpenForgetting.objects.all() if person.keys & set(row.keys)]
        return OpenForgetting.objects.filter(pk__in=open_ones).delete()[0]
