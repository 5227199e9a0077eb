"""`towpath estate import` and `discoveries`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from django.utils.timezone import make_aware

from towpath.estate.actions.reports import take_in
from towpath.estate.commands.group import estate
from towpath.estate.commands.telling import tell_discovery
from towpath.estate.queries import discoveries as queries
from towpath.estate.sources.reading import FORMS, read_report
from towpath.estate.sources.report import ReportRefused
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON, DONE
from towpath.foundation.ui.tables import print_tables

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@estate.command("import")
@click.argument("files", nargs=-1, required=True, type=FILES)
@click.option("--source", required=True, help="Who tells it, like cmdb or office-scan.")
@click.option("--form", type=click.Choice(FORMS), help="Found out where it is left out.")
@click.option(
    "--site",
    default="",
    help="Of a scan: where, if addresses are used at several places; of manifests: the cluster.",
)
@click.option("--complete", is_flag=True, help="Of a list: it names all; what it names no more is gone.")
@click.option("--at", type=click.DateTime(), help="Of a list: when that was so; else the file's own time.")
@AS_JSON
def import_files(
    files: tuple[Path, ...], source: str, form: str | None, at: datetime | None, as_json: bool, **told: Any
) -> int:
    """Take in what FILES tell: scans of nmap, lists in CSV, facts of Ansible, lists of NetBox, manifests of
    Kubernetes. Exit codes: 0 done, 1 something was left out."""
    moment = make_aware(at) if at else None
    ended, came = DONE, []
    for file in files:
        try:
            report = read_report(file, form or "", at=moment, **told)
        except ReportRefused as error:
            raise click.ClickException(str(error)) from error
        found = queries.shown_of(take_in(OPERATOR, source, report))
        came.append(found)
        if not as_json:
            ended = max(ended, tell_discovery(found))
    if as_json:
        click.echo(msgspec.json.encode(came).decode())
    return ended


@estate.command("discoveries")
@click.argument("number", type=int, required=False)
@click.option("--source", default="", help="Who told it.")
@AS_JSON
def show_discoveries(number: int | None, source: str, as_json: bool) -> None:
    """What sources told and what had changed, the latest first; with NUMBER: one with its changes."""
    found = queries.discoveries(OPERATOR, source) if number is None else queries.discovery(OPERATOR, number)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    elif isinstance(found, list):
        for each in found:
            click.echo(f"#{each.id}  {each.at:%Y-%m-%d %H:%M}  ", nl=False)
            tell_discovery(each)
    else:
        print_tables(found)
