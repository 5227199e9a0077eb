"""`towpath estate observe`."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.estate.commands.group import estate
from towpath.estate.commands.telling import tell_discovery
from towpath.estate.observing import observe
from towpath.estate.queries.discoveries import shown_of
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON


@estate.command("observe")
@AS_JSON
def observe_events(as_json: bool) -> int:
    """Take in the services and components that events name."""
    found = observe(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(shown_of(found) if found else None).decode())
        return 0
    if found is None:
        click.echo(_("No event names a service or component."))
        return 0
    return tell_discovery(shown_of(found))
