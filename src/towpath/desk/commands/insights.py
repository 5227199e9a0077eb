"""`towpath desk insights`."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.desk.commands.group import desk
from towpath.desk.queries.insights import insights
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import number, out_of


@desk.command("insights")
@click.argument("name", default="")
@AS_JSON
def show_insights(name: str, as_json: bool) -> None:
    """What stands out at desk NAME: what comes back, loops, waits, is late.

    Without NAME: the only desk there is.
    """
    found = insights(OPERATOR, name)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(_("%(desk)s: %(tickets)s tickets") % {"desk": found.desk, "tickets": number(found.tickets)})
    for place, each in enumerate(found.insights, start=1):
        click.echo(f"{place}. {each.sentence} ({out_of(each.tickets, each.of)})")
        click.echo(f"   {each.means}")
    for text in found.unknown:
        click.echo(f"-  {text}")
