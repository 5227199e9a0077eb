"""`towpath shift candidates`."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.desk.queries.shift import candidates
from towpath.desk.rules.shift_wording import LEVELS
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import interval, number


@click.group("shift")
def shift() -> None:
    """Where a desk's work should be done."""


@shift.command("candidates")
@click.argument("name", default="")
@AS_JSON
def show_candidates(name: str, as_json: bool) -> None:
    """What to remove, teach and move out at desk NAME, with the evidence, best first.

    Without NAME: the only desk there is.
    """
    found = candidates(OPERATOR, name)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found.candidates:
        freed = ""
        if each.freed_hours is not None:
            between = interval(number(each.freed_low), number(each.freed_high))
            freed = _("frees %(hours)s h a year (%(between)s)") % {
                "hours": number(each.freed_hours),
                "between": between,
            }
        tickets = _("%(count)s tickets") % {"count": number(each.tickets)}
        click.echo("  ".join(filter(None, (each.topic, tickets, str(LEVELS[each.level]), freed))))
        for text in (*each.reasons, *each.obstacles):
            click.echo(f"   {text}")
