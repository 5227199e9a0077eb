"""`towpath desk links`."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.desk.commands.group import desk
from towpath.desk.queries.linking import links
from towpath.desk.rules.link_wording import ABOUT_WORDS, BY_WORDS
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import number, percent


@desk.command("links")
@click.argument("name", default="")
@AS_JSON
def show_links(name: str, as_json: bool) -> None:
    """How many tickets of desk NAME say what they are about, and what is proposed for the others.

    Without NAME: the only desk there is.
    """
    found = links(OPERATOR, name)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found.coverage:
        told = _("%(source)s by the source, %(confirmed)s confirmed, %(proposed)s proposed, %(none)s none")
        counts = {name: number(getattr(each, name)) for name in ("source", "confirmed", "proposed", "none")}
        click.echo(f"{ABOUT_WORDS[each.about]}: {told % counts}")
        if each.reason:
            click.echo(f"   {each.reason}")
    for group in found.groups:
        sure = _("not measured yet") if group.share is None else percent(group.share)
        among = " · ".join(filter(None, (group.topic, group.team)))
        tickets = _("%(count)s tickets") % {"count": number(group.tickets)}
        about = f"{ABOUT_WORDS[group.about]}: {group.value}"
        click.echo("  ".join(filter(None, (about, tickets, sure, str(BY_WORDS[group.by]), among))))
