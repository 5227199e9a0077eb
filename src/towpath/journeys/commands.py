"""`towpath journeys` and the measures: each prints a table, or with `--json` the record that API and page
show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import OPERATOR, Actor
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.paging import FURTHEST
from towpath.foundation.ui.tables import print_tables
from towpath.journeys import actions
from towpath.journeys.measures.choosing import Choice, Detour, State
from towpath.journeys.measures.paths import Over
from towpath.journeys.measures.selection import SEGMENT_COLUMNS, Selection
from towpath.journeys.queries import blueprints, conduct, funnels, paths
from towpath.journeys.queries import people as behind
from towpath.journeys.queries.fit import check_fit
from towpath.journeys.queries.journeys import export_journey, journeys
from towpath.journeys.rules.durations import microseconds
from towpath.journeys.rules.periods import moment
from towpath.journeys.schemas.people import Travellers

MOST_PEOPLE = 1_000
Command = Callable[..., Any]


class Moment(click.ParamType[datetime]):
    """A date or a time; UTC where it names no zone."""

    name = "date"

    def __init__(self, *, end: bool = False) -> None:
        self.end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return value if isinstance(value, datetime) else moment(value, end=self.end)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Duration(click.ParamType[int]):
    """A duration such as 180d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return value if isinstance(value, int) else microseconds(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def selecting(command: Command) -> Command:
    """The options that every measure takes; the command is called with a `Selection`."""

    def select(
        by: str, entered_from: Any, entered_to: Any, window: int | None, mode: Any, **rest: Any
    ) -> Any:
        try:
            selection = Selection(mode, window, entered_from, entered_to, by)
            return command(selection=selection, **rest)
        except ValueError as error:
            raise click.ClickException(str(error)) from error

    options = (
        click.option(
            "--mode", type=click.Choice(["ordered", "strict", "any", "first-touch"]), default="ordered"
        ),
        click.option("--window", type=Duration(), help="Instead of the journey's own, such as 30d."),
        click.option(
            "--to",
            "entered_to",
            type=Moment(end=True),
            help="Only entries up to this day, or before this time.",
        ),
        click.option("--from", "entered_from", type=Moment(), help="Only entries from this on."),
        click.option("--by", default="", help=f"Compare by {', '.join(SEGMENT_COLUMNS)} or data.NAME."),
    )
    select.__name__, select.__doc__ = command.__name__, command.__doc__
    select.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    for option in options:
        select = option(select)
    return select


def show(record: object) -> None:
    click.echo(msgspec.json.encode(record).decode())


@click.group("journeys")
def journeys_group() -> None:
    """Apply, export, list and check journeys."""


@journeys_group.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seen", type=click.IntRange(1), help="Refuse where another version than this is in force.")
@AS_JSON
def apply(file: Path, seen: int | None, as_json: bool) -> None:
    """Make the YAML FILE its journey's newest version. Applying it again changes nothing."""
    try:
        applied = actions.apply_journey(OPERATOR, file.read_text(encoding="utf-8"), str(file), seen=seen)
    except actions.Superseded as error:
        raise click.ClickException(error.seen_another) from error
    except (DocumentError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        show(applied)
        return
    text = (
        _("%(key)s is now version %(number)d")
        if applied.new
        else _("%(key)s is unchanged, version %(number)d")
    )
    click.echo(text % {"key": applied.journey, "number": applied.version})


@journeys_group.command("export")
@click.argument("key")
@click.option("--version", "number", type=int, help="An older version.")
def export(key: str, number: int | None) -> None:
    """Print the journey KEY as YAML."""
    click.echo(export_journey(OPERATOR, key, number), nl=False)


@journeys_group.command("list")
@AS_JSON
def list_journeys(as_json: bool) -> None:
    """Every journey with its newest version."""
    found = journeys(OPERATOR)
    if as_json:
        show(found)
        return
    for journey in found:
        click.echo(f"{journey.key}  {journey.name}  version {journey.version}, {journey.steps} steps")


@journeys_group.command("check")
@click.argument("key")
@AS_JSON
def check(key: str, as_json: bool) -> None:
    """Does the map of KEY still fit its events?"""
    _print(check_fit(OPERATOR, key), as_json)


@journeys_group.command("story", context_settings={"ignore_unknown_options": True})
@click.argument("key")
@click.argument("entity", type=click.IntRange(-(1 << 63), (1 << 63) - 1))
@AS_JSON
def story(key: str, entity: int, as_json: bool) -> None:
    """What the customer or case ENTITY met, as the journey KEY recognises it (`towpath people` prints them).

    The look is kept in the audit log.
    """
    found = behind.journey_story(OPERATOR, key, entity)
    if as_json:
        show(found)
        return
    click.echo(f"{found.story.name}  {found.state}  {found.furthest or ''}".rstrip())
    for each in found.events:
        said = ", ".join(each.names)
        click.echo(
            f"{each.event.time:%Y-%m-%d %H:%M:%S}  {each.event.type}" + (f"  ({said})" if said else "")
        )


def _print(record: object, as_json: bool) -> None:
    if as_json:
        show(record)
    else:
        print_tables(record)


def _measure(
    name: str, help_text: str, ask: Callable[..., object], *options: Callable[[Command], Command]
) -> click.Command:
    """The command of a measure: `ask(actor, journey, selection, ...)` gives the record that is printed."""

    def run(journey: str, as_json: bool, selection: Selection, **rest: Any) -> None:
        _print(ask(OPERATOR, journey, selection, **rest), as_json)

    command: Command = selecting(run)
    for option in (*options, AS_JSON, click.argument("journey")):
        command = option(command)
    return click.command(name, help=help_text)(command)


TOP = click.option("--top", default=10, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
OVER = click.option(
    "--over",
    type=click.Choice(["steps", "inside", "types"]),
    default="steps",
    show_default=True,
    help="Which activities: steps and outcomes, inside items as well, or all event types.",
)
CHOOSING = (
    click.option(
        "--step", default="", help="Who reached this step; with --state, what became of them there."
    ),
    click.option("--state", type=click.Choice(get_args(State)[1:]), help="What became of them."),
    click.option("--segment", default="", help="Of this segment: with --by."),
    click.option("--outcome", default="", help="Who finished otherwise with this outcome."),
    click.option(
        "--edge", nargs=2, metavar="FROM TO", default=None, help="Who went directly from one to the other."
    ),
    click.option("--variant", multiple=True, help="Who went exactly this way: given once for each activity."),
    click.option("--next", default="", help='What the lost at --step did next, or "(nothing)".'),
    click.option(
        "--detour",
        type=click.Choice(get_args(Detour)[1:]),
        help="Who made one, at --step or anywhere.",
    ),
    click.option("--followed", is_flag=True, help="Who entered at least a window before the latest event."),
    click.option("--bad", is_flag=True, help="Whose first attempt at --step was bad."),
    click.option(
        "--offset",
        type=click.IntRange(0, FURTHEST),
        default=0,
        show_default=True,
        help="How many to pass over.",
    ),
    click.option(
        "--limit",
        type=click.IntRange(1, MOST_PEOPLE),
        default=behind.PAGE,
        show_default=True,
        help="How many.",
    ),
)
"""Which number is opened: the fields of `Choice`, and a page of it."""


def _behind(
    actor: Actor, journey: str, selection: Selection, *, over: Over, offset: int, limit: int, **chosen: Any
) -> Travellers:
    """The people behind a number, as the options of `CHOOSING` name it."""
    chosen["state"], chosen["detour"] = chosen["state"] or "", chosen["detour"] or ""
    choice = Choice(**chosen)
    return behind.people(actor, journey, selection, choice, over=over, offset=offset, limit=limit)


COMMANDS = (
    journeys_group,
    _measure("blueprint", "Both sides of JOURNEY with live figures.", blueprints.blueprint),
    _measure("funnel", "How far customers come in JOURNEY, and where they are lost.", funnels.funnel),
    _measure("flow", "What follows what in JOURNEY, or among the states of a source.", paths.flow, OVER),
    _measure(
        "variants", "The most frequent ways through JOURNEY, or a source's states.", paths.variants, OVER, TOP
    ),
    _measure("times", "How long it takes from step to step in JOURNEY, first touch.", paths.times),
    _measure("segments", "Who converts better or worse in JOURNEY: --by is needed.", conduct.segments),
    _measure("loss", "Who is lost together with a bad experience in JOURNEY.", conduct.loss),
    _measure("friction", "Repeats, going back and channel hops in JOURNEY.", conduct.friction),
    _measure("turns", "For whom JOURNEY waits, and how long.", conduct.turns),
    _measure("after-loss", "What lost customers of JOURNEY did next.", conduct.after_loss, TOP),
    _measure(
        "people",
        "The customers or cases behind a number of JOURNEY. The look is kept in the audit log.",
        _behind,
        *CHOOSING,
        OVER,
    ),
)
