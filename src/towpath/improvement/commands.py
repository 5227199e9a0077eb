"""`towpath findings` and `towpath finding`: what ruins customers' days, and what is done about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import day, interval, money, number
from towpath.improvement.actions import findings as actions
from towpath.improvement.queries import findings as queries
from towpath.improvement.schemas.records import FindingShown

DAY = click.DateTime(["%Y-%m-%d"])
NOTE = click.option("--note", default="", help="What to remember about it.")


@click.command("findings")
@click.option("--all", "everything", is_flag=True, help="Also those that are gone or declined (not as JSON).")
@AS_JSON
def list_findings(everything: bool, as_json: bool) -> None:
    """What ruins customers' days, what to mend first at the top."""
    if as_json:
        click.echo(msgspec.json.encode(queries.records(OPERATOR)).decode())
        return
    found = queries.in_states(OPERATOR, ()) if everything else queries.standing(OPERATOR)
    if not found:
        click.echo(_("Nothing stands out."))
    for place, each in enumerate(found, start=1):
        _print_line(place, each)


def _print_line(place: int, shown: FindingShown) -> None:
    found = shown.found
    told = [
        _("%(days)s ruined days a week") % {"days": number(found.ruined_days.value)},
        _("%(customers)s customers") % {"customers": number(found.beyond.value)},
    ]
    if found.is_risk:
        told = [_("a risk: how often is not known")]
    if found.estate and found.estate.customers is not None:
        hanging = {"customers": number(found.estate.customers)}
        told.append(_("%(customers)s customers a week meet what hangs on it") % hanging)
    if found.cost:
        told.append(_("%(money)s a week") % {"money": money(found.cost.total, found.cost.currency)})
    if found.since:
        told.append(_("since %(day)s") % {"day": day(found.since.day)})
    click.echo(f"{place:2}. {shown.digest}  {shown.sentence}  [{shown.state_in_words}]")
    click.echo(f"    {', '.join(told)}")
    click.echo(f"    {shown.first_step_in_words}")


@click.group("finding")
def finding_group() -> None:
    """One finding, and what is done about it. DIGEST is the number that `towpath findings` prints."""


@finding_group.command("show")
@click.argument("digest")
@AS_JSON
def show(digest: str, as_json: bool) -> None:
    """What was found, and what became of it."""
    shown = queries.finding(OPERATOR, digest)
    if as_json:
        click.echo(msgspec.json.encode(shown).decode())
        return
    found = shown.found
    reach = interval(number(found.beyond.low), number(found.beyond.high))
    click.echo(f"{shown.sentence}  [{shown.state_in_words}]")
    click.echo(_("Met by %(met)s customers.") % {"met": number(found.met)})
    click.echo(
        _("%(beyond)s more than would have been (%(reach)s).")
        % {"beyond": number(found.beyond.value), "reach": reach}
    )
    click.echo(shown.cause_in_words)
    click.echo(_("First: %(step)s") % {"step": shown.first_step_in_words})
    for step in shown.steps:
        click.echo(f"{step.at:%Y-%m-%d %H:%M}  {step.state_in_words}  {step.by}  {step.note}".rstrip())


@finding_group.command("accept")
@click.argument("digest")
@click.option("--owner", required=True, help="Who takes it on.")
@click.option("--next-step", required=True, help="What is done first.")
@click.option("--due", required=True, type=DAY, help="By when (YYYY-MM-DD).")
@click.option("--gain", type=float, help="Ruined days a week fewer that are expected; else what was found.")
def accept(digest: str, owner: str, next_step: str, due: datetime, gain: float | None) -> None:
    """Take it on, or change who does what by when."""
    with _refused():
        actions.accept(OPERATOR, digest, owner=owner, next_step=next_step, due=due.date(), expected_gain=gain)


@finding_group.command("mend")
@click.argument("digest")
@NOTE
def mend(digest: str, note: str) -> None:
    """Work on it has begun."""
    with _refused():
        actions.mend(OPERATOR, digest, note)


@finding_group.command("decline")
@click.argument("digest")
@click.option("--because", required=True, help="Why nobody mends it for now.")
@click.option("--review-on", required=True, type=DAY, help="When that is looked at again (YYYY-MM-DD).")
def decline(digest: str, because: str, review_on: datetime) -> None:
    """Leave it for now."""
    with _refused():
        actions.decline(OPERATOR, digest, because=because, review_on=review_on.date())


@finding_group.command("reopen")
@click.argument("digest")
@NOTE
def reopen(digest: str, note: str) -> None:
    """Put it on the list again, with nobody's name on it."""
    with _refused():
        actions.reopen(OPERATOR, digest, note)


@contextmanager
def _refused() -> Iterator[None]:
    """What an action refuses, as every other command says it."""
    try:
        yield
    except actions.CannotDo as error:
        raise click.ClickException(str(error)) from error


COMMANDS = (list_findings, finding_group)
