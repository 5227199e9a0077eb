"""Taking a customer out of who is who."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from towpath.customers.joining.applying import alone
from towpath.customers.models import Customer, Decision, Identifier, OpenForgetting
from towpath.events.keys import token_of
from towpath.events.models import FileImport
from towpath.foundation.operations.forgetting import Person, Turn, erases

BATCH = 500
_AT_WORK = (FileImport.State.WAITING, FileImport.State.RUNNING)


class ImportsRun(RuntimeError):
    """Files are being read that may name the customer. The forgetting is noted, and goes on by itself."""


def refuse_beside_imports() -> None:
    """Raises ImportsRun where a file is being read, or is about to be."""
    running = FileImport.objects.filter(state__in=_AT_WORK).order_by("pk").values_list("name", flat=True)
    if running:
        raise ImportsRun(
            _(
                "A file that may name them is being read (%(files)s). It is noted that this customer is to "
                "be forgotten: a worker does it once that is done."
            )
            % {"files": ", ".join(running)}
        )


@erases("who is who", Turn.WHO_IS_WHO)
def forget_in_records(person: Person) -> int:
    """Their identifiers with every link, question and move, and what people wrote about them.

    Whoever decides about them at this moment has decided before, or finds them gone.
    """
    keys, gone = sorted(person.keys), 0
    with alone():
        for first in range(0, len(keys), BATCH):
            some = keys[first : first + BATCH]
            removed, _models = Identifier.objects.filter(pk__in=some).delete()
            gone += removed
            removed, _models = Customer.objects.filter(pk__in=some).delete()
            gone += removed
        for decision in Decision.objects.exclude(why="").iterator():
            if person.names.are_in(decision.why):
                Decision.objects.filter(pk=decision.pk).update(why=person.names.blotted(decision.why))
                gone += 1
    return gone


@erases("the note of who is being forgotten", Turn.DONE)
def close(person: Person) -> int:
    """After all else: until then a kill finds here what is left to do. Until the records' file keeps no trace
    either, a note that names nobody stays.

    Raises ImportsRun: what a file that came meanwhile brings into quarantine is yet to be looked through.
    """
    with transaction.atomic():
        open_ones = [row for row in OpenForgetting.objects.all() if person.keys & set(row.keys)]
        if open_ones:
            refuse_beside_imports()
        for row in open_ones:
            token = token_of(row.key)
            OpenForgetting.objects.filter(key=token).delete()
            OpenForgetting.objects.filter(pk=row.pk).update(key=token, identifiers=[], keys=[])
    return len(open_ones)
