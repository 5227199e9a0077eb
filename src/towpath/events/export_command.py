"""`towpath export`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console

from towpath.events.exporting import FORMS, Chosen, ExportFailed, export_events
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import DONE, NOT_DONE

_DAY = "%Y-%m-%d"
_TIMES = (_DAY, "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")
notes = Console(stderr=True)


class Moment(click.ParamType[datetime]):
    """A date or a time in UTC; as the `end` of a period, a date counts whole."""

    name = "date"

    def __init__(self, *, end: bool = False) -> None:
        self.end = end

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        for form in _TIMES:
            try:
                found = datetime.strptime(value, form).replace(tzinfo=UTC)
            except ValueError:
                continue
            return found + timedelta(days=1) if self.end and form == _DAY else found
        text = _("%(value)r is no date; write 2012-01-31 or 2012-01-31T12:00Z") % {"value": value}
        return self.fail(text, param, ctx)


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--as", "form", type=click.Choice(FORMS), required=True, help="What to write.")
@click.option("--source", "sources", multiple=True, help="Only events of this source; may be repeated.")
@click.option("--type", "types", multiple=True, help="Only events of this type; may be repeated.")
@click.option("--from", "start", type=Moment(), help="Only events from this on.")
@click.option("--to", "end", type=Moment(end=True), help="Only events up to this day, or before this time.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.option(
    "--for-spreadsheets",
    is_flag=True,
    help="CSV: put ' before texts that a spreadsheet would run as a formula.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (on stderr when FILE is -).")
def export(
    *,
    file: Path,
    form: str,
    sources: tuple[str, ...],
    types: tuple[str, ...],
    start: datetime | None,
    end: datetime | None,
    overwrite: bool,
    for_spreadsheets: bool,
    as_json: bool,
) -> int:
    """Write events to FILE, or to standard output where FILE is - (Parquet and CSV).

    OCEL 2.0 is JSON or SQLite as the name of FILE ends. What is written holds personal data: who exported
    what is in the audit log, and FILE is readable by its owner alone.

    Exit codes: 0 done, 2 not done.
    """
    to_stdout = str(file) == "-"
    if for_spreadsheets and form != "csv":
        raise click.UsageError(_("--for-spreadsheets is for CSV alone"))
    chosen = Chosen(sources, types, start, end)
    target = sys.stdout.buffer if to_stdout else file
    try:
        made = export_events(
            OPERATOR, form, chosen, target, overwrite=overwrite, for_spreadsheets=for_spreadsheets
        )
    except ExportFailed as error:
        raise click.ClickException(str(error)) from error
    except BrokenPipeError:
        return NOT_DONE
    if as_json:
        click.echo(msgspec.json.encode(made).decode(), err=to_stdout)
    else:
        text = ngettext("%(count)s event exported", "%(count)s events exported", made.events)
        click.echo(text % {"count": f"{made.events:,}"}, err=to_stdout)
    return DONE


COMMANDS = (export,)
