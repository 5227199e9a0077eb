"""`towpath estate show`, `blast` and `trust`."""

from __future__ import annotations

from datetime import datetime

import click
import msgspec
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from towpath.estate.commands.group import estate
from towpath.estate.queries.blast import blast
from towpath.estate.queries.item import item
from towpath.estate.queries.trust import trust
from towpath.estate.schemas.blast import BlastShown
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import number, percent
from towpath.foundation.ui.tables import print_tables


@estate.command("show")
@click.argument("named", metavar="ITEM")
@click.option("--on", type=click.DateTime(), help="As it was then.")
@AS_JSON
def show_item(named: str, on: datetime | None, as_json: bool) -> None:
    """ITEM with all that is known of it: its number, name, kind:name or key:value."""
    found = item(OPERATOR, named, make_aware(on) if on else None)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)


@estate.command("blast")
@click.argument("named", metavar="ITEM")
@AS_JSON
def show_blast(named: str, as_json: bool) -> None:
    """What falls with ITEM, who is served through it, and what it hangs on itself."""
    found = blast(OPERATOR, named)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    _tell(found)


@estate.command("trust")
@AS_JSON
def show_trust(as_json: bool) -> None:
    """How far the picture can be trusted: how much of it is current, connected, owned and confirmed."""
    found = trust(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)


def _tell(found: BlastShown) -> None:
    falls, weakens, needs = number(found.falls), number(found.weakens), number(found.needs)
    click.echo(
        _("If %(name)s fails, %(falls)s items fall with it and %(weakens)s lose redundancy.")
        % {"name": found.item.name, "falls": falls, "weakens": weakens}
    )
    if found.carried is not None:
        click.echo(
            _("%(customers)s customers a week meet it at %(steps)s steps:")
            % {"customers": number(found.carried.customers_a_week), "steps": len(found.carried.steps)}
        )
        for step in found.carried.steps:
            told = number(step.customers_a_week)
            click.echo(f"  {step.journey_name} › {step.step_name}  {told}  ({', '.join(step.through)})")
    for each in found.fallen:
        click.echo(f"  ↑ {each.distance}  {each.name}  {each.kind_in_words}")
    click.echo(
        _("It needs %(needs)s items, of which %(single)s take it down alone.")
        % {"needs": needs, "single": len(found.single_points)}
    )
    click.echo(
        _("It does not work %(share)s of the time.") % {"share": percent(found.unavailable.estimate, 3)}
    )
    single = {each.id for each in found.single_points}
    for each in found.beneath:
        mark = "!" if each.id in single else " "
        click.echo(f"  ↓ {each.distance} {mark} {each.name}  {each.kind_in_words}")
