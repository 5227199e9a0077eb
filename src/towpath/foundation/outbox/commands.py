"""Commands: who announces what, and who listens."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.outbox import queries


@click.command()
@AS_JSON
def announcements(as_json: bool) -> None:
    """Who announces what, and who listens."""
    records = queries.announcements()
    if as_json:
        click.echo(msgspec.json.encode(records).decode())
        return
    for record in records:
        click.echo(f"{record.announcement}  ({record.announced_by})")
        for listener in record.listeners or [_("nobody listens")]:
            click.echo(f"    -> {listener}")


COMMANDS = (announcements,)
