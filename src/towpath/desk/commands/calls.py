"""`towpath desk calls` and `import-calls`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from django.core.exceptions import ValidationError

from towpath.desk.actions.calls import take_calls
from towpath.desk.commands.group import desk
from towpath.desk.importers.calls import MOST_BYTES, SeriesRefused
from towpath.desk.queries.calls import call_trends
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@desk.command("calls")
@AS_JSON
def show_calls(as_json: bool) -> None:
    """Calls offered, answered and given up, and how long people waited: by queue and week."""
    found = call_trends(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)


@desk.command("import-calls")
@click.argument("file", type=FILE)
@click.option("--source", required=True, help="Who tells it, the same name each time.")
@click.option("--zone", default="UTC", help="Of times that name none, like Europe/Amsterdam.")
@click.option("--queue", default="", help="Of rows that name none.")
@AS_JSON
def import_calls(file: Path, source: str, zone: str, queue: str, as_json: bool) -> None:
    """Take in a call centre's series, FILE in CSV. Lines that are not right are told and left out."""
    try:
        with file.open("rb") as opened:
            taken = take_calls(OPERATOR, source, opened.read(MOST_BYTES + 1), zone=zone, queue=queue)
    except (SeriesRefused, ValidationError) as error:
        told = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        raise click.ClickException(f"{file}: {told}") from error
    if as_json:
        click.echo(msgspec.json.encode(taken).decode())
        return
    print_tables(taken)
