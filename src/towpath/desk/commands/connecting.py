"""`towpath desk connect`, `connections`, `fetch` and `disconnect`."""

from __future__ import annotations

from typing import IO

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.desk import polling
from towpath.desk.actions import connections as actions
from towpath.desk.commands.group import desk
from towpath.desk.models import Connection
from towpath.desk.queries import connections as queries
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON, DONE, NOT_DONE


@desk.command("connect")
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice(Connection.Kind.values), help="Which helpdesk.")
@click.option("--url", required=True, help="Its address, as people open it.")
@click.option("--account", default="", help="Left out: the secret is sent as a token alone.")
@click.option(
    "--secret-file", type=click.File("r"), help="Holds the password or token; else it is asked for."
)
@click.option("--query", default="", help="Which tickets: JQL, or an encoded query of ServiceNow.")
@click.option("--table", default="incident", show_default=True, help="Of ServiceNow.")
@click.option("--every", "every_s", default=300, show_default=True, help="Seconds between two looks.")
@click.option("--mask/--no-mask", default=True, show_default=True, help="Mask who is named on the way in.")
def connect(secret_file: IO[str] | None, name: str, **asked: str) -> None:
    """Fetch the tickets of a helpdesk as they change, under the source NAME."""
    secret = secret_file.read() if secret_file else click.prompt(_("Password or token"), hide_input=True)
    actions.connect(OPERATOR, name=name, secret=secret, **asked)  # type: ignore[arg-type]
    click.echo(
        _("Connected. A worker fetches its tickets; or do it now: towpath desk fetch %(name)s")
        % {"name": name}
    )


@desk.command("connections")
@AS_JSON
def list_connections(as_json: bool) -> None:
    """Helpdesks that tickets are fetched from, and how that goes."""
    found = queries.connections(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        state = each.problem or (_("well") if each.fetched_at else _("not looked yet"))
        stopped = "" if each.active else _("stopped")
        click.echo(
            "  ".join(filter(None, (each.name, each.kind, each.url, f"{each.tickets:,}", stopped, state)))
        )


@desk.command("fetch")
@click.argument("name")
def fetch_now(name: str) -> int:
    """Fetch what changed at the connection NAME now. Exit codes: 0 done, 2 not done."""
    row = queries.connection(OPERATOR, name)
    count = polling.poll(OPERATOR, row.pk)
    row.refresh_from_db()
    click.echo(_("%(count)s tickets fetched") % {"count": f"{count:,}"})
    if row.problem:
        click.echo(_("Not done: %(error)s") % {"error": row.problem})
        return NOT_DONE
    return DONE


@desk.command("disconnect")
@click.argument("name")
def disconnect(name: str) -> None:
    """Fetch no more from the connection NAME; what was fetched stays."""
    actions.disconnect(OPERATOR, name)
