"""`towpath estate range` and `scan`."""

from __future__ import annotations

import click
import msgspec

from towpath.estate.actions import scanning as actions
from towpath.estate.commands.group import estate
from towpath.estate.commands.telling import tell_discovery
from towpath.estate.queries.discoveries import shown_of
from towpath.estate.queries.ranges import ranges
from towpath.estate.sources.scanning import ScanFailed
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON


@estate.group("range")
def scan_range() -> None:
    """Networks that may be scanned. Scanning others' networks can be a crime, and can break things."""


@scan_range.command("add")
@click.argument("name")
@click.argument("networks", nargs=-1, required=True)
@click.option("--ports", default="", help="Like 22,80,8000-8100; nmap's thousand most usual ones without.")
@click.option(
    "--every", "every_s", type=click.IntRange(0), default=0, help="Seconds between two scans; 0: by hand."
)
@click.option("--because", default="", help="Who allowed it, and why; it is kept.")
def authorise_range(name: str, networks: tuple[str, ...], ports: str, every_s: int, because: str) -> None:
    """Allow that NETWORKS (192.0.2.0/24 ...) are scanned, under NAME."""
    actions.authorise(OPERATOR, name, " ".join(networks), ports=ports, every_s=every_s, because=because)


@scan_range.command("list")
@AS_JSON
def list_ranges(as_json: bool) -> None:
    """Which networks may be scanned, since when, and when they were."""
    found = ranges(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        scanned = f"{each.scanned_at:%Y-%m-%d %H:%M}" if each.scanned_at else "–"
        words = (each.name, ", ".join(each.networks), each.ports, scanned, each.authorised_by, each.problem)
        click.echo("  ".join(filter(None, words)))


@scan_range.command("remove")
@click.argument("name")
def withdraw_range(name: str) -> None:
    """Allow it no more; what was found stays."""
    actions.withdraw(OPERATOR, name)


@estate.command("scan")
@click.argument("name")
@click.option("--only", default="", help="Addresses or networks within the range.")
@AS_JSON
def scan_now(name: str, only: str, as_json: bool) -> int:
    """Look at the authorised range NAME now, with nmap: what is new, gone, or different."""
    try:
        found = shown_of(actions.scan(OPERATOR, name, only))
    except ScanFailed as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return 0
    return tell_discovery(found)
