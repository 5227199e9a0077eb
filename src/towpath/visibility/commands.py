"""`towpath home` and `towpath account`: what the pages show, on the command line."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import interval, money, number, percent, points
from towpath.visibility.pages.sheet import sheet_of, span_of_week, title_of
from towpath.visibility.printing.pdf import FontsMissing, pdf_of
from towpath.visibility.queries import account as accounts
from towpath.visibility.queries.home import home as home_now
from towpath.visibility.schemas.home import Home

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@click.command()
@AS_JSON
def home(*, as_json: bool) -> None:
    """What is ruining customers' days: the week's figures and what to mend first."""
    shown = home_now(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(shown).decode())
        return
    click.echo(_headline(shown))
    if shown.findings:
        Console().print(_table(shown))


def _headline(shown: Home) -> str:
    days = shown.days
    if days is None and shown.findings:
        return _("No journey recognises an event yet; this is what tickets tell.")
    if days is None:
        return _("Nothing was looked at yet that a journey recognises.")
    if days.good_rate is None:
        return "\n".join(lack.sentence for lack in shown.lacking)
    text = _("Good days: %(rate)s (%(between)s) of %(active)s customer-days, %(ruined)s ruined.") % {
        "rate": percent(days.good_rate),
        "between": interval(percent(days.good_low), percent(days.good_high)),
        "active": number(days.active),
        "ruined": number(days.ruined),
    }
    if days.before is not None:
        change = {"change": points(days.good_rate - days.before)}
        text += " " + _("%(change)s against the four weeks before.") % change
    if not shown.findings:
        text += "\n" + _("A quiet week: nothing stands out.")
    return text


def _table(shown: Home) -> Table:
    heads = (
        "",
        _("Mend these first"),
        _("Customers beyond the usual"),
        _("Ruined days a week"),
        _("Cost a week"),
    )
    table = Table(*heads, _("First step"))
    for one in shown.findings:
        between = interval(number(one.beyond.low), number(one.beyond.high))
        cost = money(one.cost_per_week, one.cost.currency) if one.cost else "—"
        beyond = f"{number(one.beyond.value)} ({between})"
        table.add_row(
            str(one.place), one.sentence, beyond, number(one.ruined_days.value), cost, one.first_step
        )
    return table


@click.command()
@click.option("--week", default="", help="Such as 2026-W47; the newest where none is named.")
@click.option("--lang", default="en", type=click.Choice(LANGUAGES), help="The account's language.")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the one page here.")
@AS_JSON
def account(*, week: str, lang: str, pdf: Path | None, as_json: bool) -> None:
    """The account for leaders: the week in plain words, or as a PDF of one page."""
    with translation.override(lang):
        try:
            shown = accounts.account(OPERATOR, week)
            if pdf is not None:
                pdf.write_bytes(pdf_of(sheet_of(shown), shown.as_of))
        except (ValueError, FontsMissing) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"{pdf} cannot be written ({error.strerror}).") from error
        if as_json:
            click.echo(msgspec.json.encode(shown).decode())
        elif pdf is None:
            click.echo("\n".join([f"{title_of(shown)} ({span_of_week(shown)})", "", *shown.sentences]))


COMMANDS = (home, account)
