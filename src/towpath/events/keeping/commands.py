"""`towpath doctor`, `towpath keeping`, `towpath retention`, `towpath inbox`; `--json` prints records."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from towpath.events.keeping import aside
from towpath.events.keeping import doctor as examining
from towpath.events.keeping import retention as retiring
from towpath.events.keeping.findings import Report
from towpath.events.keeping.periods import read_periods
from towpath.events.keeping.queries import keeping as how_it_is
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.operations.documents import DocumentError

HEALTHY, FINDINGS = 0, 1
MARKS = {"good": "✓", "watch": "!", "act": "✗"}
YAML = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("doctor")
@click.option("--repair", is_flag=True, help="Do what is safe: the index, orphan files, counts of the inbox.")
@AS_JSON
def doctor(repair: bool, as_json: bool) -> int:
    """Look whether lake, index, inbox and home agree. It reads every event's place; that takes a while.

    Everything may run meanwhile. Exit codes: 0 healthy, 1 findings (left, after --repair), 2 it cannot look.
    """
    report = examining.repair(OPERATOR) if repair else examining.examine(OPERATOR)
    click.echo(msgspec.json.encode(report).decode() if as_json else _told(report))
    return HEALTHY if report.healthy else FINDINGS


def _told(report: Report) -> str:
    lines = [*report.repaired]
    for each in report.findings:
        grave = _("GRAVE") if each.gravity == "grave" else _("warning")
        lines.append(f"{grave}: {each.what}")
        lines += [f"    {text}" for text in (each.where, each.advice) if text]
    lines += [_("Not looked at: %(why)s") % {"why": why} for why in report.not_looked_at]
    looked = {"events": f"{report.events:,}", "files": f"{report.files:,}", "version": report.version}
    lines.append(_("%(events)s events in %(files)s files, version %(version)s.") % looked)
    count = len(report.findings)
    found = ngettext("%(count)s finding.", "%(count)s findings.", count) % {"count": count}
    lines.append(_("Healthy.") if report.healthy else found)
    return "\n".join(lines)


@click.command("keeping")
@AS_JSON
def keeping(as_json: bool) -> None:
    """How Towpath is: what waits, how fast events come in, the lake, jobs, room, the last backup."""
    found = how_it_is(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for sign in found.signs:
        click.echo(f"{MARKS[sign.level]} {sign.title}: {sign.words}")
        if sign.advice:
            click.echo(f"    {sign.advice}")


@click.group("retention")
def retention() -> None:
    """How long what is kept, and what goes when it is old."""


@retention.command("export")
def export() -> None:
    """Print the periods in force as YAML."""
    click.echo(retiring.export_periods(OPERATOR), nl=False)


@retention.command("apply")
@click.argument("file", type=YAML)
@AS_JSON
def apply(file: Path, as_json: bool) -> None:
    """Put the periods of the YAML FILE in force. A worker carries them out once a day."""
    try:
        applied = retiring.apply_periods(OPERATOR, file.read_text(encoding="utf-8"), file.name)
    except (DocumentError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(applied).decode())
        return
    told = _("version %(number)d is in force") if applied.new else _("unchanged, version %(number)d")
    click.echo(told % {"number": applied.version})


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--by", "file", type=YAML, help="With --dry-run: by the periods of this YAML file.")
@AS_JSON
def run(dry_run: bool, file: Path | None, as_json: bool) -> None:
    """Remove what is older than the periods in force allow. What went does not come back."""
    if file is not None and not dry_run:
        raise click.UsageError(_("--by only goes with --dry-run; put a file in force with: retention apply"))
    try:
        wanted = read_periods(file.read_text(encoding="utf-8"), file.name) if file else None
    except (DocumentError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    found = retiring.would_retire(OPERATOR, wanted) if dry_run else retiring.retire(OPERATOR)
    click.echo(msgspec.json.encode(found).decode() if as_json else _went(found, dry_run))


def _went(found: retiring.Retired, dry_run: bool) -> str:
    lines = [f"{each.month}  {each.type}: {each.events:,}" for each in found.types]
    counts = {name: f"{getattr(found, name):,}" for name in ("events", "quarantine", "jobs", "audit")}
    told = _("Would go: %(counts)s") if dry_run else _("Gone: %(counts)s")
    words = _("%(events)s events, %(quarantine)s in quarantine, %(jobs)s jobs, %(audit)s audit entries")
    return "\n".join([*lines, told % {"counts": words % counts}])


@click.group("inbox")
def inbox() -> None:
    """What was accepted and could not be put into the lake."""


@inbox.command("aside")
@AS_JSON
def list_aside(as_json: bool) -> None:
    """List the batches of this node's inbox that were set aside, and why."""
    found = aside.set_aside(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        told = ngettext("%(events)s event", "%(events)s events", each.events) % {"events": f"{each.events:,}"}
        click.echo(f"{each.number}  {each.accepted:%Y-%m-%d %H:%M}  {told}  {each.reason}")
    if not found:
        click.echo(_("Nothing is set aside."))


@inbox.command("bring-back")
@click.argument("number", type=int)
def bring_back(number: int) -> None:
    """Let the next flush try the batch with this NUMBER again."""
    try:
        aside.bring_back(OPERATOR, number)
    except Http404 as error:
        raise click.ClickException(str(error)) from error
    click.echo(_("Batch %(number)d waits for the lake again.") % {"number": number})


COMMANDS = (doctor, keeping, retention, inbox)
