"""`towpath customer`: prints a customer's story, or with `--json` the record that API and page show."""

from __future__ import annotations

import click
import msgspec

from towpath.customers.queries import PAGE, story
from towpath.customers.schemas import Story
from towpath.customers.telling import plainly
from towpath.foundation.access.actor import OPERATOR

MOST_EVENTS = 5_000
DIGITS = {"ignore_unknown_options": True}
"""A key may be below zero, and is no option for that."""


@click.group("customer")
def customer_group() -> None:
    """What one customer met."""


@customer_group.command("story", context_settings=DIGITS)
@click.argument("key", type=click.IntRange(-(1 << 63), (1 << 63) - 1))
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="Events to pass over.")
@click.option(
    "--limit", type=click.IntRange(1, MOST_EVENTS), default=PAGE, show_default=True, help="How many events."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tell(key: int, offset: int, limit: int, as_json: bool) -> None:
    """Everything that the customer, or the case, with this KEY met (`towpath people` prints keys).

    The look is kept in the audit log.
    """
    found = story(OPERATOR, key, offset=offset, limit=limit)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        _print(found)


def _print(found: Story) -> None:
    click.echo(f"{found.name}  {found.total} events, {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}")
    for event in found.events:
        said = ", ".join(plainly(event).said)
        click.echo(
            f"{event.time:%Y-%m-%d %H:%M:%S}  {event.source}  {event.type}" + (f"  ({said})" if said else "")
        )


COMMANDS = (customer_group,)
