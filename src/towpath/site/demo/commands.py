"""`towpath demo`: an invented company, to look at and to measure on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.operations.documents import DocumentError
from towpath.site.demo.company.landscape import NAME
from towpath.site.demo.company.running import run_company
from towpath.site.demo.company.tables import events_of
from towpath.site.demo.definitions import definitions
from towpath.site.demo.filling import Filled, NotEmpty, fill_home, refuse_filled
from towpath.site.demo.scenario import USUAL, Scenario, Size, read_scenario
from towpath.site.demo.truth import truth_of, write_truth
from towpath.site.worker import PARENT, end_with

DAYS, CUSTOMERS, SEED = 84, 6_000, 1
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0, 2**63 - 1),
              help="Another number, another history.")  # fmt: skip
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(7, 1_500), help="How long.")
@click.option("--customers", default=CUSTOMERS, show_default=True, type=click.IntRange(50, 2_000_000),
              help="How many.")  # fmt: skip
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]),
              help="The midnight (UTC) at which it ends; today's without it.")  # fmt: skip
@click.option("--scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Which causes are planted (docs/scenarios.md).")  # fmt: skip
@click.option("--size", default=1.0, show_default=True, type=click.FloatRange(0, 100),
              help="Multiplies the size of every cause.")  # fmt: skip
@click.option("--noise", default=1.0, show_default=True, type=click.FloatRange(0, 100),
              help="Multiplies how much days differ.")  # fmt: skip
@click.option("--truth", type=FILE, help="Write what was planted, and its effect, to this file (JSON).")
@AS_JSON
@PARENT
def demo(
    *,
    seed: int, days: int, customers: int, until: datetime | None, scenario: Path | None, size: float,
    noise: float, truth: Path | None, as_json: bool, parent: int | None,
) -> None:  # fmt: skip
    """Fill an empty home with an invented energy supplier: its customers, their journeys, what goes wrong."""
    end_with(parent)
    wanted = Size(
        seed=seed, days=days, customers=customers, until=(until or midnight()).replace(tzinfo=UTC), size=size,
        noise=noise,
    )  # fmt: skip
    try:
        refuse_filled()
        planned = scenario_of(scenario, wanted)
        run = run_company(planned.plan)
        filled = fill_home(OPERATOR, events_of(run))
        if truth is not None:
            write_truth(truth, truth_of(planned, definitions(), run))
    except (NotEmpty, DocumentError, UnicodeDecodeError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(msgspec.json.encode(filled).decode() if as_json else _in_words(filled))


def midnight() -> datetime:
    """The last midnight, UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def scenario_of(file: Path | None, size: Size) -> Scenario:
    """The scenario of a file, else the usual one. Raises DocumentError."""
    if file is not None:
        return read_scenario(file.read_text(encoding="utf-8"), file.name, size)
    return read_scenario(USUAL.read_text(encoding="utf-8"), USUAL.name, size)


def _in_words(filled: Filled) -> str:
    return _(
        "%(company)s is invented, and so is everybody in it: %(events)s events, journeys %(journeys)s."
    ) % {"company": NAME, "events": f"{filled.events:,}", "journeys": ", ".join(filled.journeys)}


COMMANDS = (demo,)
