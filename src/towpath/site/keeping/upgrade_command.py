"""`towpath upgrade`."""

from __future__ import annotations

import click

from towpath.site.keeping import upgrade as upgrading

NOTHING_TO_DO, SOMETHING_TO_DO = 0, 1


@click.command()
@click.option("--check", is_flag=True, help="Say what would be done, and do nothing.")
def upgrade(check: bool) -> int:
    """Bring records and lake of an older Towpath to what this one works with.

    Stop Towpath and make a backup first. Broken off, give the command again: it goes on.
    Exit codes: 0 done, or nothing to do; with --check 1 when there is something to do; 2 it cannot be done.
    """
    if check:
        steps = upgrading.outstanding()
        click.echo("\n".join(steps) if steps else "Nothing to do: records and lake are of this version.")
        return SOMETHING_TO_DO if steps else NOTHING_TO_DO
    steps = upgrading.upgrade()
    click.echo(
        "\n".join([*steps, "Done."]) if steps else "Nothing to do: records and lake are of this version."
    )
    return NOTHING_TO_DO


COMMANDS = (upgrade,)
