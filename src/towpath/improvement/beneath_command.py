"""`towpath beneath`: from a journey's step down to every item that it hangs on."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import number, percent
from towpath.improvement.queries import beneath as queries
from towpath.improvement.schemas.beneath import StepBeneath


@click.command("beneath")
@click.argument("journey")
@click.argument("step")
@AS_JSON
def show_beneath(journey: str, step: str, as_json: bool) -> None:
    """What STEP of JOURNEY hangs on, down to every item; those with "!" take it down alone."""
    found = queries.beneath(OPERATOR, journey, step)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    _tell(found)


def _tell(found: StepBeneath) -> None:
    click.echo(
        _("%(journey)s › %(step)s: %(customers)s customers a week, %(needs)s items beneath")
        % {
            "journey": found.journey_name,
            "step": found.step_name,
            "customers": number(found.customers_a_week),
            "needs": number(found.needs),
        }
    )
    for each in found.behind:
        told = "" if each.item else _("the estate does not know it")
        click.echo("  ".join(filter(None, ("  ·", each.name, told))))
    if found.unavailable is not None:
        share = percent(found.unavailable.estimate, 3)
        click.echo(_("It does not work %(share)s of the time.") % {"share": share})
    single = {each.id for each in found.single_points}
    for item in found.beneath:
        mark = "!" if item.id in single else " "
        click.echo(f"  ↓ {item.distance} {mark} {item.name}  {item.kind_in_words}")


COMMANDS = (show_beneath,)
