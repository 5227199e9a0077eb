"""`towpath import` and `towpath events`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from towpath.events import actions, queries
from towpath.events.envelope import SHOWN_FIELDS
from towpath.events.holdings import already_held
from towpath.events.importers import ImportFailed
from towpath.events.ingest import run_import
from towpath.events.mapping import dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.models import FileImport
from towpath.events.sniffing import Proposal, preview, sniff
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON, DONE, NOT_DONE, REFUSED
from towpath.foundation.operations.documents import DocumentError

notes = Console(stderr=True)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The mapping.")
@click.option(
    "--sniff", "only_look", is_flag=True, help="Propose a mapping and show ten rows; import nothing."
)
@AS_JSON
def import_file(file: Path, mapping: Path | None, only_look: bool, as_json: bool) -> int:
    """Read FILE (XES, CSV, JSON lines, Parquet, OCEL 2.0, or a helpdesk's export, plain or gzip) into the
    lake. What a helpdesk exported needs no mapping.

    Exit codes: 0 done, 1 done with refused records, 2 not done.
    """
    try:
        if only_look:
            _propose(file)
            return DONE
        finished = _run(file, _recognised(file) if mapping is None else mapping.read_text(encoding="utf-8"))
    except (ImportFailed, DocumentError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    report = queries.report_of(finished)
    click.echo(msgspec.json.encode(report).decode() if as_json else _in_words(report))
    if report.error:
        return NOT_DONE
    return REFUSED if report.refused else DONE


def _recognised(file: Path) -> str:
    """The mapping for a file of a kind that an area of Towpath knows; other files need one of their own."""
    proposal = sniff(file)
    if not proposal.mapping.sections:
        raise click.UsageError(_("say --mapping FILE, or --sniff to have one proposed"))
    for doubt in proposal.doubts:
        notes.print(f"? {escape(doubt)}", style="yellow")
    return dump_mapping(proposal.mapping)


def _run(file: Path, mapping: str) -> FileImport:
    path = file.resolve()
    file_import = actions.unfinished_import(OPERATOR, path, mapping)
    if file_import is None:
        file_import = actions.draft_import(OPERATOR, path, file.name, mapping=mapping)
        if held := already_held(OPERATOR, load_mapping(mapping, file.name), file_import.digest):
            notes.print(escape(str(held)), style="yellow")
        file_import = actions.confirm_import(OPERATOR, file_import, mapping)
    else:
        notes.print(_("Going on with the import of %(file)s.") % {"file": file.name})
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as bar:
        task = bar.add_task(file.name, total=file_import.bytes_total or None)
        return run_import(
            file_import,
            lambda seen: bar.update(task, completed=seen.bytes_read, total=seen.bytes_total or None),
        )


def _propose(file: Path) -> None:
    proposal: Proposal = sniff(file)
    click.echo(dump_mapping(proposal.mapping), nl=False)
    for doubt in proposal.doubts:
        notes.print(f"? {doubt}", style="yellow")
    shown = preview(file, proposal.mapping, rows=10)
    filled = [name for name in SHOWN_FIELDS if any(row.get(name) is not None for row in shown.rows)]
    table = Table(*filled, title=_("The first rows, as they will be understood"), title_justify="left")
    for row in shown.rows:
        table.add_row(*(_cell(row.get(name)) for name in filled))
    for column in table.columns:
        column.no_wrap = column.header == "data"
    notes.print(table)
    for refused in shown.refused:
        notes.print(f"✗ {refused.place}: {refused.reason}", style="red")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return "" if value is None else escape(str(value))


def _in_words(report: queries.ImportReport) -> str:
    lines = [
        ngettext("%(read)s row read from %(file)s", "%(read)s rows read from %(file)s", report.rows_read)
        % {"read": f"{report.rows_read:,}", "file": report.name},
        ngettext("%(count)s event written", "%(count)s events written", report.written)
        % {"count": f"{report.written:,}"},
    ]
    if report.already_there:
        lines.append(_("%(count)s were there already") % {"count": f"{report.already_there:,}"})
    if report.refused:
        lines.append(
            _("%(count)s refused; see them with: towpath events quarantine")
            % {"count": f"{report.refused:,}"}
        )
    if report.nameless:
        lines.append(
            _("%(count)s name neither customer nor case: journeys that follow customers leave them out")
            % {"count": f"{report.nameless:,}"}
        )
    if report.withdrawn:
        lines.append(
            _("%(count)s of earlier files taken back: the tickets' histories do not hold them any more")
            % {"count": f"{report.withdrawn:,}"}
        )
    if report.masked:
        lines.append(_("Masked: %(kinds)s") % {"kinds": report.masked_in_words})
    if report.error:
        lines.append(_("Not done: %(error)s") % {"error": report.error})
    return "\n".join(lines)


@click.group("events")
def events() -> None:
    """Count events, and see what was refused."""


@events.command("count")
@AS_JSON
def count(as_json: bool) -> None:
    """How many events lie in the lake, in quarantine, and in the inbox."""
    found = queries.count_events(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(
        ngettext(
            "%(events)s event, %(quarantined)s in quarantine, %(inbox)s in the inbox",
            "%(events)s events, %(quarantined)s in quarantine, %(inbox)s in the inbox",
            found.events,
        )
        % {
            "events": f"{found.events:,}",
            "quarantined": f"{found.quarantined:,}",
            "inbox": f"{found.inbox:,}",
        }
    )


@events.command("quarantine")
@click.option("--source", default="", help="Only of this source.")
@click.option(
    "--top", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many to show."
)
@AS_JSON
def quarantine(source: str, top: int, as_json: bool) -> None:
    """The refused records that wait for a person, each with its place and reason."""
    rows = queries.quarantined(OPERATOR, source=source)
    for record in rows[:top]:
        if as_json:
            click.echo(msgspec.json.encode(queries.refused_record(record)).decode())
        else:
            click.echo(f"{record.pk}  {record.source}, {record.came}, {record.place}: {record.reason}")


COMMANDS = (import_file, events)
