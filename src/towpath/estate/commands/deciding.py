"""`towpath estate decide`, `same`, `different` and `undo`."""

from __future__ import annotations

import click

from towpath.estate.actions import deciding
from towpath.estate.commands.group import estate
from towpath.estate.queries.finding import item_meant
from towpath.foundation.access.actor import OPERATOR

BECAUSE = click.option("--because", default="", help="Why; it is kept.")


@estate.command("decide")
@click.argument("named", metavar="ITEM")
@click.argument("field")
@click.argument("value")
@BECAUSE
def decide(named: str, field: str, value: str, because: str) -> None:
    """Say that for ITEM this VALUE of FIELD holds, whatever sources say."""
    deciding.hold(OPERATOR, item_meant(OPERATOR, named).pk, field, value, because)


@estate.command("same")
@click.argument("named", metavar="ITEM")
@click.argument("other")
@BECAUSE
def say_same(named: str, other: str, because: str) -> None:
    """Say that ITEM and OTHER are one thing: what is known of OTHER becomes ITEM's."""
    both = [item_meant(OPERATOR, each).pk for each in (named, other)]
    deciding.say_same(OPERATOR, both[0], both[1], because)


@estate.command("different")
@click.argument("named", metavar="ITEM")
@click.argument("other")
def say_different(named: str, other: str) -> None:
    """Say that ITEM and OTHER are two things, though a source knows both by one key."""
    deciding.say_different(OPERATOR, item_meant(OPERATOR, named).pk, item_meant(OPERATOR, other).pk)


@estate.command("undo")
@click.argument("number", type=int)
def undo(number: int) -> None:
    """Undo the decision NUMBER, as `towpath estate show` lists it."""
    deciding.undo(OPERATOR, number)
