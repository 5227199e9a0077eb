"""`towpath desk calls` and `import-calls`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from django.core.exceptions import ValidationError

from towpath.desk.actions.calls import take_calls
from towpath.desk.commands.group import desk
from towpath.desk.queries.call_previews import preview_calls
from towpath.desk.queries.calls import call_trends
from towpath.desk.rules.call_lists import HEADINGS, CallMapping, RefusedCalls
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON, DONE, REFUSED
from towpath.foundation.ui.tables import print_tables

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@desk.command("calls")
@click.argument("name", default="")
@click.option("--queue", default="", help="Weeks and hours of this queue alone.")
@AS_JSON
def show_calls(name: str, queue: str, as_json: bool) -> None:
    """Calls offered, answered and given up in series NAME, and how long they waited.

    Without NAME: the only series there is.
    """
    found = call_trends(OPERATOR, name, queue)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)


@desk.command("import-calls")
@click.argument("name")
@click.argument("file", type=FILE)
@click.option("--zone", default="", help="Time zone of times that carry none, like Europe/Amsterdam.")
@click.option("--minutes", default=0, help="How long an interval is; found where it is left out.")
@click.option("--time-format", default="", help="As for strptime, like %d.%m.%Y %H:%M; else ISO 8601.")
@click.option("--column", "columns", multiple=True, metavar="WHAT=HEADING",
              help=f"Which column holds what: {', '.join(HEADINGS)}. Known headings are found.")  # fmt: skip
@click.option("--preview", is_flag=True, help="Say what would come in, and keep nothing.")
@AS_JSON
def import_calls(
    name: str, file: Path, columns: tuple[str, ...], preview: bool, as_json: bool, **told: Any
) -> int:
    """Take the list of calls in FILE (CSV) into series NAME; the same interval again is updated.

    Exit codes: 0 done, 1 lines were refused.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8: byte {error.start} cannot be read.") from error
    mapping = msgspec.convert({**told, **_columns(columns)}, CallMapping)
    try:
        found = (preview_calls if preview else take_calls)(OPERATOR, name, text, mapping)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        print_tables(found)
    refused: tuple[RefusedCalls, ...] = found.refused
    return REFUSED if refused else DONE


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in given:
        what, _equals, heading = each.partition("=")
        if what not in HEADINGS or not heading:
            known = ", ".join(HEADINGS)
            raise click.BadParameter(f"{each!r}: write WHAT=HEADING, WHAT one of {known}.")
        found[what] = heading
    return found
